// Our string tests as Envoy's StringMatcher.

import { create } from "@bufbuild/protobuf";
import { RegexMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/regex";
import { type StringMatcher, StringMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/string";
import type { StringMatch } from "../model/match.ts";

/**
 * `present` becomes an expression that any text matches; where Envoy has a matcher of its own for presence, use that
 * instead. Envoy's default engine is RE2 and matches the whole value, as the model asks.
 */
export function stringMatcher(match: StringMatch): StringMatcher {
  return create(StringMatcherSchema, { matchPattern: pattern(match) });
}

function pattern(match: StringMatch): StringMatcher["matchPattern"] {
  switch (match.type) {
    case "exact":
      return { case: "exact", value: match.value };
    case "prefix":
      return { case: "prefix", value: match.value };
    case "suffix":
      return { case: "suffix", value: match.value };
    case "regex":
      return { case: "safeRegex", value: create(RegexMatcherSchema, { regex: match.value }) };
    case "present":
      return { case: "safeRegex", value: create(RegexMatcherSchema, { regex: "(?s).*" }) };
  }
}
