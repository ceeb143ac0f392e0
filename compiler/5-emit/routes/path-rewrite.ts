// What becomes of the path of a forwarded request: Envoy's prefix_rewrite or regex_rewrite.

import { create } from "@bufbuild/protobuf";
import {
  type RegexMatchAndSubstitute,
  RegexMatchAndSubstituteSchema,
  RegexMatcherSchema,
} from "@envoyproxy/protos-ts/envoy/type/matcher/v3/regex";
import type { HttpMatch } from "../../model/match.ts";
import type { Rewrite } from "../../model/routes.ts";
import { segmentPrefix } from "./route-match.ts";

/** Spread into a RouteAction: at most one of the two is there, as Envoy demands. */
export interface EmittedPathRewrite {
  readonly prefixRewrite?: string;
  readonly regexRewrite?: RegexMatchAndSubstitute;
}

/**
 * Envoy's prefix_rewrite replaces what a prefix matched, and the whole path of an exact or regular-expression match.
 * Removing a whole-segment prefix takes a regular expression: `/` put before the remaining `/rest` would give `//rest`
 * (Gateway API, ReplacePrefixMatch).
 */
export function pathRewrite(rewrite: Rewrite, match: HttpMatch | undefined): EmittedPathRewrite {
  if (rewrite.uriRegex !== undefined) {
    return { regexRewrite: substitute(rewrite.uriRegex.pattern, rewrite.uriRegex.substitution) };
  }
  if (rewrite.uri === undefined) return {};
  if (match?.path?.type !== "path-prefix") return { prefixRewrite: rewrite.uri };

  const from = segmentPrefix(match.path.value);
  const to = segmentPrefix(rewrite.uri);
  if (from !== "" && to !== "") return { prefixRewrite: to };
  if (from === "") return to === "" ? {} : { prefixRewrite: `${to}/` };
  const flags = match.ignoreCase ? "(?i)" : "";
  return { regexRewrite: substitute(`${flags}^${quoted(from)}(/?)(.*)`, "/\\2") };
}

function substitute(pattern: string, substitution: string): RegexMatchAndSubstitute {
  return create(RegexMatchAndSubstituteSchema, {
    pattern: create(RegexMatcherSchema, { regex: pattern }),
    substitution,
  });
}

/** The text as an RE2 expression that matches nothing but itself. */
function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
