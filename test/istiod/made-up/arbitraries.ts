// Words that the makers of policy have in common.

import fc from "fast-check";
import type { Json, JsonObject } from "../json.ts";

type Field = fc.Arbitrary<Json | undefined>;

export const oneOf = fc.constantFrom;

/** `absent` times absent for each time that it is there. */
export function optional<T>(arbitrary: fc.Arbitrary<T>, absent = 2): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: absent }, { arbitrary, weight: 1 });
}

/** Without the fields that are absent. */
export function record(fields: Readonly<Record<string, Field>>): fc.Arbitrary<JsonObject> {
  return fc
    .record(fields)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

export function someOf(fields: Readonly<Record<string, Field>>): fc.Arbitrary<JsonObject> {
  return record(fields).filter((made) => Object.keys(made).length > 0);
}

export function list<T>(arbitrary: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { minLength, maxLength });
}

export function object(
  group: "networking" | "security",
  kind: string,
  namespace: fc.Arbitrary<string>,
  spec: fc.Arbitrary<JsonObject>,
): fc.Arbitrary<JsonObject> {
  const apiVersion = `${group}.istio.io/v1`;
  return fc
    .tuple(namespace, spec)
    .map(([namespace, spec]) => ({ apiVersion, kind, metadata: { namespace }, spec }));
}
