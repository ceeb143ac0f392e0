// How values of a policy become Envoy matchers. In: a value with Istio's wildcards. Out: a matcher message. Which
// attribute it is about is not known here.

import { create } from "@bufbuild/protobuf";
import { type CidrRange, CidrRangeSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/address";
import {
  type HeaderMatcher,
  HeaderMatcherSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { type StringMatcher, StringMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/string";
import { parseIpRange } from "../../shared/ip-range.ts";

/** A full match by RE2. */
export function regexMatcher(regex: string): StringMatcher {
  return create(StringMatcherSchema, { matchPattern: { case: "safeRegex", value: { regex } } });
}

/** The text and no other; `*` in it stands for itself. */
export function exactMatcher(value: string): StringMatcher {
  return create(StringMatcherSchema, { matchPattern: { case: "exact", value } });
}

/** Any text but the empty one. */
export const anyText: StringMatcher = regexMatcher(".+");

/** `*` is any text, `*x` a suffix, `x*` a prefix, all else exact. Envoy refuses empty prefixes and suffixes. */
export function textMatcher(value: string, ignoreCase = false): StringMatcher {
  if (value === "*") return anyText;
  if (value.startsWith("*")) {
    return create(StringMatcherSchema, {
      matchPattern: { case: "suffix", value: value.slice(1) },
      ignoreCase,
    });
  }
  if (value.endsWith("*")) {
    return create(StringMatcherSchema, {
      matchPattern: { case: "prefix", value: value.slice(0, -1) },
      ignoreCase,
    });
  }
  return create(StringMatcherSchema, { matchPattern: { case: "exact", value }, ignoreCase });
}

/** A header by one of the forms of `textMatcher`; `*` asks only that it is there. */
export function headerMatcher(name: string, value: string, ignoreCase = false): HeaderMatcher {
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier:
      value === "*"
        ? { case: "presentMatch", value: true }
        : { case: "stringMatch", value: textMatcher(value, ignoreCase) },
  });
}

/** A header that holds a comma-separated list, one element of which has the value. */
export function listHeaderMatcher(name: string, value: string): HeaderMatcher {
  if (value === "*") return headerMatcher(name, value);
  const element = value.startsWith("*")
    ? `[^,]*${escapeRegex(value.slice(1))}`
    : value.endsWith("*")
      ? `${escapeRegex(value.slice(0, -1))}[^,]*`
      : escapeRegex(value);
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier: {
      case: "stringMatch",
      value: regexMatcher(`(?:.*,)?[ \\t]*${element}[ \\t]*(?:,.*)?`),
    },
  });
}

/** The value as part of an RE2 expression that means just it. */
export function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** An IP or CIDR that decoding has accepted. */
export function cidrRange(text: string): CidrRange {
  const range = parseIpRange(text);
  if (range === undefined) throw new Error(`not an IP range: ${text}`);
  return create(CidrRangeSchema, { addressPrefix: range.address, prefixLen: range.prefixLength });
}
