// Changes to a request's path and authority on its way.

import { RE2JS } from "re2js";
import type { Rewrite } from "../../model/routes.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readText,
  report,
  reportExclusive,
  reportMissing,
} from "../shared/place.ts";
import { checkRegex } from "../shared/regex.ts";
import { readHeaderText } from "./header-format.ts";

/** Undefined when nothing is written. */
export function readRewrite(place: Place): Rewrite | undefined {
  if (!isSet(place)) return undefined;
  reportExclusive(place, ["uri", "uriRegexRewrite"]);
  const rewrite = compact<Rewrite>({
    uri: readHeaderText(at(place, "uri")),
    uriRegex: readRegex(at(place, "uriRegexRewrite")),
    authority: readHeaderText(at(place, "authority")),
  });
  if (Object.keys(rewrite).length === 0 && !isSet(at(place, "uriRegexRewrite"))) {
    report(place, "invalid-value", `"rewrite" changes nothing`, "set uri, uriRegexRewrite or authority");
  }
  return rewrite;
}

function readRegex(place: Place): Rewrite["uriRegex"] {
  if (!isSet(place)) return undefined;
  const pattern = readText(at(place, "match"));
  const substitution = readText(at(place, "rewrite"));
  if (pattern === undefined) reportMissing(place, "match");
  if (substitution === undefined) reportMissing(place, "rewrite");
  if (pattern === undefined || substitution === undefined) return undefined;
  if (!checkRegex(at(place, "match"), pattern)) return undefined;
  const fault = faultOfSubstitution(substitution, RE2JS.compile(pattern).groupCount());
  if (fault !== undefined)
    report(at(place, "rewrite"), "invalid-regex", `invalid substitution: ${fault}`, "");
  return { pattern, substitution };
}

/** RE2's own check: a backslash is followed by a group that exists, or by another backslash. */
function faultOfSubstitution(substitution: string, groups: number): string | undefined {
  for (const [, escaped = ""] of substitution.matchAll(/\\(.?)/gs)) {
    if (escaped === "\\") continue;
    if (!/^\d$/.test(escaped)) return `"\\${escaped}" is not a group`;
    if (Number(escaped) > groups) return `the expression has no group ${escaped}`;
  }
  return undefined;
}
