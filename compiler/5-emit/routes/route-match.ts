// Which requests a route takes: the conditions of one HTTP match as Envoy's RouteMatch.

import { create } from "@bufbuild/protobuf";
import {
  type HeaderMatcher,
  HeaderMatcherSchema,
  type QueryParameterMatcher,
  QueryParameterMatcherSchema,
  type RouteMatch,
  RouteMatchSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { RegexMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/regex";
import { share } from "#encoding";
import type { HeaderMatch, HttpMatch, NamedMatch, PathMatch, StringMatch } from "../../model/match.ts";
import { byName } from "../by-name.ts";
import { stringMatcher } from "../string-matcher.ts";

/**
 * Absent: every request. `ignoreCase` holds for exact paths and prefixes; a regular expression says `(?i)` itself, as
 * Istio documents for `ignoreUriCase`.
 */
export function routeMatch(match: HttpMatch | undefined): RouteMatch {
  if (match === undefined) return everyRequest;
  return create(RouteMatchSchema, {
    pathSpecifier: match.path === undefined ? everyPath : pathSpecifier(match.path),
    ...(match.ignoreCase && { caseSensitive: false }),
    headers: [
      ...pseudoHeader(":authority", match.authority),
      ...pseudoHeader(":method", match.method),
      ...pseudoHeader(":scheme", match.scheme),
      ...match.headers.toSorted(byName).map(headerMatcher),
    ],
    queryParameters: match.query.toSorted(byName).map(queryParameterMatcher),
  });
}

const everyPath: PathSpecifier = { case: "prefix", value: "/" };
const everyRequest = share(create(RouteMatchSchema, { pathSpecifier: everyPath }));

/** The path part of a whole-segment prefix as Envoy wants it: without the slash at the end; empty for `/`. */
export function segmentPrefix(path: string): string {
  return path.replace(/\/+$/, "");
}

type PathSpecifier = RouteMatch["pathSpecifier"];

function pathSpecifier(path: PathMatch): PathSpecifier {
  switch (path.type) {
    case "exact":
      return { case: "path", value: path.value };
    case "prefix":
      return { case: "prefix", value: path.value };
    case "path-prefix": {
      const prefix = segmentPrefix(path.value);
      return prefix === "" ? everyPath : { case: "pathSeparatedPrefix", value: prefix };
    }
    case "regex":
      return { case: "safeRegex", value: create(RegexMatcherSchema, { regex: path.value }) };
  }
}

function pseudoHeader(name: string, match: StringMatch | undefined): HeaderMatcher[] {
  return match === undefined ? [] : [headerMatcher({ name, match, invert: false })];
}

function headerMatcher({ name, match, invert }: HeaderMatch): HeaderMatcher {
  if (match.type === "present") {
    return create(HeaderMatcherSchema, {
      name,
      headerMatchSpecifier: { case: "presentMatch", value: true },
      invertMatch: invert,
    });
  }
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier: { case: "stringMatch", value: stringMatcher(match) },
    invertMatch: invert,
    // A request without the header does not carry the unwanted value either, so it must pass.
    treatMissingHeaderAsEmpty: invert,
  });
}

function queryParameterMatcher({ name, match }: NamedMatch): QueryParameterMatcher {
  return create(QueryParameterMatcherSchema, {
    name,
    queryParameterMatchSpecifier:
      match.type === "present"
        ? { case: "presentMatch", value: true }
        : { case: "stringMatch", value: stringMatcher(match) },
  });
}
