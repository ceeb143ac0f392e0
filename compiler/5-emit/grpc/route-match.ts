// One HTTP match in what gRPC can ask of a call: its path and its metadata. What is the same for every call (POST, no query) is
// decided here; so is what cannot be asked.

import { create } from "@bufbuild/protobuf";
import type { RouteMatch } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { RouteMatchSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { RegexMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/regex";
import { RE2JS } from "re2js";
import type { HeaderMatch, HttpMatch, PathMatch, StringMatch } from "../../model/match.ts";
import { routeMatch, segmentPrefix } from "../routes/route-match.ts";

/** The matches that together say it; none for one that no call can meet. Absent: every call. */
export function grpcMatches(match: HttpMatch | undefined): readonly RouteMatch[] {
  if (!match) return [routeMatch(undefined)];
  // What a call is addressed to is not among its metadata: such a rule is as good as absent.
  if (match.query.length > 0 || match.authority) return [];
  if (!holds(match.method, "POST") || !holds(match.scheme, "http")) return [];
  const { method: _, scheme: __, ...rest } = match;
  return withAbsence(match.headers).map((headers) => withPath(routeMatch({ ...rest, headers }), match.path));
}

function holds(condition: StringMatch | undefined, value: string): boolean {
  switch (condition?.type) {
    case undefined:
    case "present":
      return true;
    case "exact":
      return value === condition.value;
    case "prefix":
      return value.startsWith(condition.value);
    case "suffix":
      return value.endsWith(condition.value);
    case "regex":
      return RE2JS.matches(condition.value, value);
  }
}

/**
 * "Not this value" holds for a request without the header, which Envoy is told and gRPC's libraries do not agree about: it
 * becomes two matches, one for the header's absence.
 */
function withAbsence(headers: readonly HeaderMatch[]): readonly (readonly HeaderMatch[])[] {
  return headers.reduce<readonly (readonly HeaderMatch[])[]>(
    (lists, header) => {
      const present = lists.map((list) => [...list, header]);
      if (!header.invert || header.match.type === "present") return present;
      const absent: HeaderMatch = { name: header.name, match: { type: "present" }, invert: true };
      return [...lists.map((list) => [...list, absent]), ...present];
    },
    [[]],
  );
}

/** gRPC has no prefixes of whole segments, and some of its libraries take `a|b` for "begins with a or ends with b". */
function withPath(made: RouteMatch, path: PathMatch | undefined): RouteMatch {
  switch (path?.type) {
    case "path-prefix": {
      const prefix = segmentPrefix(path.value);
      return prefix === "" ? made : withRegex(made, `${RE2JS.quote(prefix)}(/.*)?`);
    }
    case "regex":
      return withRegex(made, `(?:${path.value})`);
    default:
      return made;
  }
}

function withRegex(made: RouteMatch, regex: string): RouteMatch {
  return create(RouteMatchSchema, {
    ...made,
    pathSpecifier: { case: "safeRegex", value: create(RegexMatcherSchema, { regex }) },
  });
}
