// The smallest policy that still shows something: objects, members and items are taken away for as long as it does.

import { isObject, type Json, type JsonObject } from "./json.ts";

/** Tries again from the start after each success, so that it ends where nothing more can be taken away. */
export async function shrink(
  objects: readonly JsonObject[],
  shows: (objects: readonly JsonObject[]) => Promise<boolean>,
): Promise<readonly JsonObject[]> {
  for (const smaller of smallerThan(objects)) {
    const candidate = (Array.isArray(smaller) ? smaller : []).filter(isObject);
    if (await shows(candidate)) return shrink(candidate, shows);
  }
  return objects;
}

// Without its port a destination is another one.
const needed = /^(apiVersion|kind|metadata|name|namespace|port)$/;

/** Everything with one part less, large parts first. */
function* smallerThan(value: Json | undefined): Generator<Json> {
  if (Array.isArray(value)) {
    for (const index of value.keys()) yield value.toSpliced(index, 1);
    for (const [index, item] of value.entries()) {
      for (const smaller of smallerThan(item)) yield value.with(index, smaller);
    }
  } else if (isObject(value)) {
    const members = Object.entries(value).filter(([name]) => !needed.test(name));
    for (const [name] of members) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    }
    for (const [name, inner] of members) {
      for (const smaller of smallerThan(inner)) yield { ...value, [name]: smaller };
    }
  }
}
