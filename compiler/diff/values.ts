// Two JSON values in; out: every place in which they differ, as deep down as it can be said.

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { isOrdered, keyElements, type ListElement } from "./list-identity.ts";
import type { DiffPath } from "./path.ts";

export type ValueChange =
  | { readonly kind: "added"; readonly path: DiffPath; readonly after: JsonValue }
  | { readonly kind: "removed"; readonly path: DiffPath; readonly before: JsonValue }
  | {
      readonly kind: "changed";
      readonly path: DiffPath;
      readonly before: JsonValue;
      readonly after: JsonValue;
    }
  /** The same element in another place of a list whose order counts; positions from 0. */
  | { readonly kind: "moved"; readonly path: DiffPath; readonly from: number; readonly to: number };

/** In the order in which they stand, fields by name. */
export function diffValues(before: JsonValue, after: JsonValue, path: DiffPath = []): readonly ValueChange[] {
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  if (isObject(before) && isObject(after) && sameType(before, after)) return diffObjects(before, after, path);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ kind: "changed", path, before, after }];
}

function diffObjects(before: JsonObject, after: JsonObject, path: DiffPath): readonly ValueChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields.flatMap((field) => {
    const here: DiffPath = [...path, { field }];
    const old = before[field];
    const now = after[field];
    if (old === undefined) return now === undefined ? [] : [{ kind: "added", path: here, after: now }];
    if (now === undefined) return [{ kind: "removed", path: here, before: old }];
    return diffValues(old, now, here);
  });
}

function diffLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  path: DiffPath,
): readonly ValueChange[] {
  const keyed = keyElements(before, after);
  const old = new Map(keyed.before.map((element) => [element.key, element]));
  const now = new Map(keyed.after.map((element) => [element.key, element]));
  const removed = keyed.before.filter(({ key }) => !now.has(key));
  const last = path.at(-1);
  const ordered = !last || !("field" in last) || isOrdered(last.field);
  const moved = ordered ? movedKeys(keyed.before, keyed.after) : new Set<string>();
  return [
    ...keyed.after.flatMap((element): readonly ValueChange[] => {
      const earlier = old.get(element.key);
      const here: DiffPath = [...path, element.step];
      if (!earlier) return [{ kind: "added", path: here, after: element.value }];
      const changes = diffValues(earlier.value, element.value, here);
      if (!moved.has(element.key)) return changes;
      return [{ kind: "moved", path: here, from: earlier.index, to: element.index }, ...changes];
    }),
    ...removed.map(
      ({ step, value }): ValueChange => ({ kind: "removed", path: [...path, step], before: value }),
    ),
  ];
}

/** The elements of both lists that are not part of a longest run that kept its order. */
function movedKeys(before: readonly ListElement[], after: readonly ListElement[]): ReadonlySet<string> {
  const places = new Map(before.map(({ key }, index) => [key, index]));
  const kept = after.flatMap(({ key }) => {
    const place = places.get(key);
    return place === undefined ? [] : [{ key, place }];
  });
  if (kept.every(({ place }, index) => index === 0 || place > (kept[index - 1]?.place ?? -1)))
    return new Set();
  const still = longestRise(kept.map(({ place }) => place));
  return new Set(kept.filter((_, index) => !still.has(index)).map(({ key }) => key));
}

/** Indexes of a longest increasing subsequence. */
function longestRise(numbers: readonly number[]): ReadonlySet<number> {
  const tails: number[] = [];
  const previous: (number | undefined)[] = [];
  for (const [index, number] of numbers.entries()) {
    const at = tails.findIndex((tail) => (numbers[tail] ?? 0) >= number);
    const length = at === -1 ? tails.length : at;
    previous.push(length === 0 ? undefined : tails[length - 1]);
    tails[length] = index;
  }
  const run = new Set<number>();
  for (let at = tails.at(-1); at !== undefined; at = previous[at]) run.add(at);
  return run;
}

/** A packed message of another type has nothing in common with the old one, whatever its fields are called. */
function sameType(before: JsonObject, after: JsonObject): boolean {
  return before["@type"] === after["@type"];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
