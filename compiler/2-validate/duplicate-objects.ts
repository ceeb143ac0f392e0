// Objects that share group, kind, namespace and name: Kubernetes could hold only one of them.

import type { RawObject } from "../1-parse/index.ts";
import { comparePositions, type Diagnostic, diagnostic } from "../diagnostics/index.ts";

export interface Distinct {
  /** In the order given, without the later ones of equal name. */
  readonly objects: readonly RawObject[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The first one by file name and line counts, whatever the order given. */
export function withoutDuplicates(objects: readonly RawObject[]): Distinct {
  const first = new Map<string, RawObject>();
  const duplicates = new Map<RawObject, RawObject>();
  for (const object of objects) {
    if (object.name === "") continue;
    const key = [object.group, object.kind, object.namespace, object.name].join("/");
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, object);
    } else if (comparePositions(nameOf(known), nameOf(object)) <= 0) {
      duplicates.set(object, known);
    } else {
      first.set(key, object);
      duplicates.set(known, object);
      for (const [later, winner] of duplicates) if (winner === known) duplicates.set(later, object);
    }
  }
  return {
    objects: objects.filter((object) => !duplicates.has(object)),
    diagnostics: [...duplicates].map(([object, winner]) => describe(object, winner)),
  };
}

function describe(object: RawObject, winner: RawObject): Diagnostic {
  const { kind, namespace, name } = object;
  const place = namespace === "" ? name : `${namespace}/${name}`;
  return diagnostic(
    "duplicate-object",
    nameOf(object),
    `${kind} ${place} is defined twice; this one is not used`,
    {
      object,
      notes: [{ message: "the one that counts is here", position: nameOf(winner) }],
    },
  );
}

function nameOf(object: RawObject) {
  return object.locate(["metadata", "name"]);
}
