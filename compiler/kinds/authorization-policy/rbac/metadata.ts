// Tests on the claims of a validated token, which the JWT filter leaves in dynamic metadata. In: claim and matchers. Out:
// metadata matchers. How tokens are validated is not known here.

import { create } from "@bufbuild/protobuf";
import {
  type MetadataMatcher,
  MetadataMatcherSchema,
} from "@envoyproxy/protos-ts/envoy/type/matcher/v3/metadata";
import type { StringMatcher } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/string";
import { type ValueMatcher, ValueMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/value";

const filter = "envoy.filters.http.jwt_authn";

/** Where the JWT filter is told to put the claims (`payload_in_metadata`). */
const payloadKey = "payload";

/** A claim that is one string. */
export function claimMatcher(claim: string, value: StringMatcher): MetadataMatcher {
  return metadataMatcher(filter, [payloadKey, claim], stringValue(value));
}

/** A claim, nested ones by their path, that is one of the strings, or a list that has one of them. */
export function claimListMatcher(path: readonly string[], values: readonly StringMatcher[]): MetadataMatcher {
  const element = anyOf(values.map(stringValue));
  return metadataMatcher(filter, [payloadKey, ...path], anyOf([listWith(element), element]));
}

/** What a filter wrote at a path of its metadata. */
export function metadataMatcher(
  filterName: string,
  path: readonly string[],
  value: ValueMatcher,
): MetadataMatcher {
  return create(MetadataMatcherSchema, {
    filter: filterName,
    path: path.map((key) => ({ segment: { case: "key" as const, value: key } })),
    value,
  });
}

/** A string that the matcher takes. */
export function stringValue(value: StringMatcher): ValueMatcher {
  return create(ValueMatcherSchema, { matchPattern: { case: "stringMatch", value } });
}

/** A list with such an element. */
export function listWith(element: ValueMatcher): ValueMatcher {
  return create(ValueMatcherSchema, {
    matchPattern: { case: "listMatch", value: { matchPattern: { case: "oneOf", value: element } } },
  });
}

/** At least one; a single one stands for itself, because Envoy wants two in an OR. */
export function anyOf(valueMatchers: readonly ValueMatcher[]): ValueMatcher {
  const [only, ...others] = valueMatchers;
  if (only !== undefined && others.length === 0) return only;
  return create(ValueMatcherSchema, {
    matchPattern: { case: "orMatch", value: { valueMatchers: [...valueMatchers] } },
  });
}
