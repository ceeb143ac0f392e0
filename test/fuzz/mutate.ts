// One random change to a world of policy objects: a field dropped, doubled, replaced, moved, renamed, or one added that the
// kind may have. Changes the documents it is given.

import { hostileValues } from "./hostile-values.ts";
import { isObject, type Json, type JsonObject, type Place, placesIn, setAt, valueAt } from "./json.ts";
import type { Random } from "./random.ts";
import { kindOf, type Vocabulary } from "./vocabulary.ts";

/** What was done, for people. Documents without any field are left alone. */
export function mutate(documents: readonly Json[], vocabulary: Vocabulary, random: Random): string {
  const document = random.pick(documents);
  if (random.chance(0.5)) {
    const added = addField(document, vocabulary, random);
    if (added !== undefined) return added;
  }
  const places = placesIn(document).filter(
    ({ key }) => !["apiVersion", "kind"].includes(key) || random.chance(0.02),
  );
  if (places.length === 0) return "nothing";
  const place = random.pick(places);
  const what = `${kindOf(document)} ${place.key}`;
  switch (random.below(8)) {
    case 0:
      remove(place);
      return `${what} removed`;
    case 1:
      return `${what} doubled${double(place) ? "" : " (not a list)"}`;
    case 2: {
      const other = random.pick(placesIn(random.pick(documents)));
      setAt(place, structuredClone(valueAt(other) ?? null));
      return `${what} = value of ${other.key}`;
    }
    case 3: {
      const value = valueAt(place) ?? null;
      remove(place);
      const key = random.pick([
        "",
        "x",
        "__proto__",
        "constructor",
        "spec",
        "exact",
        "Prefix",
        `${place.key}s`,
        "*",
        "1",
      ]);
      setAt({ parent: place.parent, key: Array.isArray(place.parent) ? "0" : key }, value);
      return `${what} renamed to ${key}`;
    }
    case 4:
    case 5: {
      const known = vocabulary.values.get(place.key) ?? [];
      if (known.length === 0) break;
      setAt(place, structuredClone(random.pick(known)));
      return `${what} = ${show(valueAt(place))}, as elsewhere`;
    }
  }
  setAt(place, structuredClone(random.pick(hostileValues)));
  return `${what} = ${show(valueAt(place))}`;
}

function show(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

/** An item of a list stands twice. */
function double({ parent, key }: Place): boolean {
  if (!Array.isArray(parent)) return false;
  parent.push(structuredClone(parent[Number(key)] ?? null));
  return true;
}

/** Gives the object a field of its kind, with what stands in such a field elsewhere or with something hostile. */
function addField(document: Json, vocabulary: Vocabulary, random: Random): string | undefined {
  const kind = kindOf(document);
  const paths = vocabulary.fields.get(kind);
  if (!isObject(document) || paths === undefined) return undefined;
  const path = random.pick(paths);
  const steps = path.replaceAll(/\[\]|\{\}/g, (mark) => `.${mark}`).split(".");
  const place = descend(document, steps, random);
  const known = vocabulary.values.get(place.key === "0" ? "[]" : (named(steps) ?? "")) ?? [];
  const value = known.length > 0 && random.chance(0.7) ? random.pick(known) : random.pick(hostileValues);
  setAt(place, structuredClone(value));
  return `${kind} ${path} = ${show(value)}`;
}

/** The last step that is a field's name. */
function named(steps: readonly string[]): string | undefined {
  return steps.findLast((step) => !["[]", "{}", "*"].includes(step));
}

/** Walks to the place that the steps name, making mappings and lists where there are none. */
function descend(root: JsonObject, steps: readonly string[], random: Random): Place {
  let place: Place = { parent: { root }, key: "root" };
  for (const step of steps) {
    const value = valueAt(place);
    if (step === "[]") {
      const items: Json[] = Array.isArray(value) ? value : [];
      if (items !== value) setAt(place, items);
      place = { parent: items, key: String(random.below(items.length + 1)) };
    } else {
      const members: JsonObject = isObject(value) ? value : {};
      if (members !== value) setAt(place, members);
      const key = step === "{}" || step === "*" ? random.pick([...Object.keys(members), "x-new", "1"]) : step;
      place = { parent: members, key };
    }
  }
  return place;
}
