// Route tables as one table: a line per route, with the rule it was made from. Listeners that carry their routes with
// them, as inbound ones do, are not among them.

import type { RouteConfiguration } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import type {
  HeaderMatcher,
  RouteMatch,
  VirtualHost,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { StringMatcher } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/string";
import type { DumpedResource } from "#runtime";
import type { Served } from "./served.ts";
import { firstTwo, originsOfKind, type Table } from "./table-parts.ts";

export function routeTable(tables: readonly Served<RouteConfiguration>[]): Table {
  return {
    headings: ["NAME", "VHOST", "DOMAINS", "MATCH", "VIRTUAL SERVICE"],
    rows: tables.flatMap(({ message, dumped }) =>
      message.virtualHosts.flatMap((host) => rowsOf(message.name, host, dumped)),
    ),
  };
}

function rowsOf(table: string, host: VirtualHost, dumped: DumpedResource): readonly (readonly string[])[] {
  const start = [table, host.name, firstTwo(host.domains.toSorted((a, b) => a.length - b.length))];
  const origins = dumped.routeOrigins?.[host.name];
  // Of a table that was held back, the rules of today may be others than those it was made from.
  const known = origins?.length === host.routes.length ? origins : undefined;
  if (host.routes.length === 0) return [[...start, "", ""]];
  return host.routes.map(({ match }, index) => [
    ...start,
    describeMatch(match),
    originsOfKind(known?.[index] ?? [], "VirtualService"),
  ]);
}

/** `/login*`, then what else has to hold: `/* end-user=jason`. */
function describeMatch(match: RouteMatch | undefined): string {
  if (!match) return "";
  const headers = match.headers.map(describeHeader);
  const parameters = match.queryParameters.map(({ name, queryParameterMatchSpecifier: specifier }) =>
    specifier.case === "stringMatch" ? `?${name}${describeString(specifier.value)}` : `?${name}`,
  );
  return [describePath(match), ...headers, ...parameters].join(" ");
}

function describePath({ pathSpecifier: path }: RouteMatch): string {
  switch (path.case) {
    case "prefix":
      return `${path.value}*`;
    case "pathSeparatedPrefix":
      return `${path.value}[/*]`;
    case "path":
      return path.value;
    case "safeRegex":
      return `regex ${path.value.regex}`;
    case "connectMatcher":
      return "CONNECT";
    case "pathMatchPolicy":
      return path.value.name;
    case undefined:
      return "";
  }
}

function describeHeader({ name, invertMatch, headerMatchSpecifier: specifier }: HeaderMatcher): string {
  const not = invertMatch ? "!" : "";
  switch (specifier.case) {
    case "stringMatch":
      return `${not}${name}${describeString(specifier.value)}`;
    case "presentMatch":
      return `${specifier.value === invertMatch ? "!" : ""}${name}`;
    default:
      return `${not}${name}`;
  }
}

function describeString({ matchPattern }: StringMatcher): string {
  switch (matchPattern.case) {
    case "exact":
      return `=${matchPattern.value}`;
    case "prefix":
      return `=${matchPattern.value}*`;
    case "suffix":
      return `=*${matchPattern.value}`;
    case "contains":
      return `=*${matchPattern.value}*`;
    case "safeRegex":
      return `~${matchPattern.value.regex}`;
    case "custom":
    case undefined:
      return "";
  }
}
