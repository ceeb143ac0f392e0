// Two readings of the files in; out: which objects are written differently, whatever that means for anyone.

import type { Position } from "../model/origin.ts";
import type { ReadFile } from "../read-file.ts";

export interface ObjectDiff {
  readonly state: "added" | "removed" | "changed";
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** Of the new version; of the old one where there is no new one. */
  readonly position: Position;
}

interface FoundObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly position: Position;
  readonly text: string;
}

/** By kind, namespace and name. Comments, formatting, the order of fields and the file an object is in do not count. */
export function diffObjects(before: readonly ReadFile[], after: readonly ReadFile[]): readonly ObjectDiff[] {
  const old = objectsOf(before);
  const now = objectsOf(after);
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key): readonly ObjectDiff[] => {
    const earlier = old.get(key);
    const later = now.get(key);
    if (earlier && later) return earlier.text === later.text ? [] : [described(later, "changed")];
    if (later) return [described(later, "added")];
    return earlier ? [described(earlier, "removed")] : [];
  });
}

function described({ kind, namespace, name, position }: FoundObject, state: ObjectDiff["state"]): ObjectDiff {
  return { state, kind, namespace, name, position };
}

function objectsOf(files: readonly ReadFile[]): ReadonlyMap<string, FoundObject> {
  const found = new Map<string, FoundObject>();
  for (const { raw } of files.flatMap(({ objects }) => objects)) {
    const { kind, namespace, name } = raw;
    const key = [kind, namespace, name, raw.group].join("\0");
    // Of duplicates the first one counts, as everywhere.
    if (found.has(key)) continue;
    const position = raw.locate(["metadata", "name"]);
    found.set(key, { kind, namespace, name, position, text: canonical(raw.value) });
  }
  return found;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
