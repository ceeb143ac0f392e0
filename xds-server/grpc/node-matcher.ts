// Which clients a question of the client status service is about: `envoy.type.matcher.v3.NodeMatcher` over what a client says of
// itself. Pure.

import type { JsonValue } from "@bufbuild/protobuf";
import type { NodeMatcher } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/node";
import type { StringMatcher } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/string";
import type { StructMatcher } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/struct";
import type { ValueMatcher } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/value";
import { RE2JS } from "re2js";
import type { ClientNode } from "./codec.ts";

/** A matcher that asks for something that is not understood here: better no answer than one about other clients. */
export class UnsupportedMatcher extends Error {}

/** Whether one of the matchers, or none being given, fits. Throws `UnsupportedMatcher`. */
export function matchesNode(matchers: readonly NodeMatcher[], node: ClientNode): boolean {
  // Each is tried, so that one that is not understood is noticed whatever the others say.
  const verdicts = matchers.map(
    ({ nodeId, nodeMetadatas }) =>
      (!nodeId || matchesString(nodeId, node.id)) &&
      nodeMetadatas.every((each) => matchesMetadata(each, node.metadata)),
  );
  return verdicts.length === 0 || verdicts.includes(true);
}

function matchesString({ matchPattern, ignoreCase }: StringMatcher, text: string): boolean {
  const value = ignoreCase ? text.toLowerCase() : text;
  const pattern = (wanted: string) => (ignoreCase ? wanted.toLowerCase() : wanted);
  switch (matchPattern.case) {
    case "exact":
      return value === pattern(matchPattern.value);
    case "prefix":
      return value.startsWith(pattern(matchPattern.value));
    case "suffix":
      return value.endsWith(pattern(matchPattern.value));
    case "contains":
      return value.includes(pattern(matchPattern.value));
    case "safeRegex":
      return matchesRegex(matchPattern.value.regex, text);
    default:
      throw new UnsupportedMatcher(`a string matcher of kind ${matchPattern.case ?? "nothing"}`);
  }
}

function matchesRegex(regex: string, text: string): boolean {
  try {
    return RE2JS.matches(regex, text);
  } catch (error) {
    throw new UnsupportedMatcher(`the expression ${regex}: ${String(error)}`);
  }
}

function matchesMetadata({ path, value }: StructMatcher, metadata: JsonValue): boolean {
  let found: JsonValue | undefined = metadata;
  for (const { segment } of path) found = memberOf(found, segment.value ?? "");
  return value !== undefined && matchesValue(value, found);
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function matchesValue({ matchPattern }: ValueMatcher, value: JsonValue | undefined): boolean {
  switch (matchPattern.case) {
    case "stringMatch":
      return typeof value === "string" && matchesString(matchPattern.value, value);
    case "boolMatch":
      return value === matchPattern.value;
    case "nullMatch":
      return value === null;
    case "presentMatch":
      return (value !== undefined) === matchPattern.value;
    default:
      throw new UnsupportedMatcher(`a metadata matcher of kind ${matchPattern.case ?? "nothing"}`);
  }
}
