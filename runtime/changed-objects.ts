// What a change of files did to objects: which came, went and say something else. In: the files before and after. Out: plain data
// for counters. An object that moved from one file to another has not changed. Pure.

import { objectKey, type ReadFile, type ReadObject } from "#compiler";

export interface ChangedObject {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly event: "add" | "update" | "delete";
}

export interface ObjectChanges {
  readonly changed: readonly ChangedObject[];
  /** Of the files read anew: objects that are not in force as they are written. */
  readonly refused: readonly Omit<ChangedObject, "event">[];
  /** Documents among those files that could not be read at all, as a number of files. */
  readonly unreadable: number;
}

/** Of the files that a change concerns, as they were and as they are. */
export function changedObjects(before: readonly ReadFile[], after: readonly ReadFile[]): ObjectChanges {
  const old = byKey(before);
  const now = byKey(after);
  const changed: ChangedObject[] = [];
  for (const [key, object] of now) {
    const known = old.get(key);
    if (object.state === "refused" || known?.raw === object.raw) continue;
    // The usual case, and a cheap one: its facts are the very same, so that it was not even moved.
    if (known && known.facts.length > 0 && known.facts === object.facts) continue;
    if (!known) changed.push(changeOf(object, "add"));
    else if (!says(known, object)) changed.push(changeOf(object, "update"));
  }
  for (const [key, object] of old) if (!now.has(key)) changed.push(changeOf(object, "delete"));
  return {
    changed,
    refused: [...now.values()].filter(({ state }) => state !== "good").map(({ raw }) => typeOf(raw)),
    unreadable: after.filter(({ unreadable }) => unreadable).length,
  };
}

function byKey(files: readonly ReadFile[]): ReadonlyMap<string, ReadObject> {
  return new Map(files.flatMap(({ objects }) => objects.map((object) => [objectKey(object.raw), object])));
}

function says(one: ReadObject, other: ReadObject): boolean {
  return JSON.stringify(one.raw.value) === JSON.stringify(other.raw.value);
}

function typeOf({ group, version, kind }: ReadObject["raw"]) {
  return { group, version, kind };
}

function changeOf({ raw }: ReadObject, event: ChangedObject["event"]): ChangedObject {
  return { ...typeOf(raw), event };
}
