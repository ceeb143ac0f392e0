// Objects that share group, kind, namespace and name: Kubernetes could hold only one of them.

import type { RawObject } from "../1-parse/index.ts";
import { comparePositions, type Diagnostic, diagnostic } from "../diagnostics/index.ts";

interface Claimant {
  readonly raw: RawObject;
}

/** What Kubernetes tells objects apart by: objects of one key are one object, whatever version they are written in. */
export function objectKey({
  group,
  kind,
  namespace,
  name,
}: Pick<RawObject, "group" | "kind" | "namespace" | "name">): string {
  return `${group}/${kind}/${namespace}/${name}`;
}

/** Of several objects of one name the one that counts: the first by file name and line, whatever the order given. */
export function firstOf<C extends Claimant>(claimants: readonly C[]): C | undefined {
  const [only, second] = claimants;
  if (!second) return only;
  return claimants.reduce((first, each) =>
    comparePositions(nameOf(first.raw), nameOf(each.raw)) <= 0 ? first : each,
  );
}

/** A diagnostic for each of these objects of one name that does not count. */
export function describeDuplicates(claimants: readonly Claimant[]): readonly Diagnostic[] {
  const first = firstOf(claimants);
  return first ? claimants.filter((each) => each !== first).map((each) => describe(each.raw, first.raw)) : [];
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
