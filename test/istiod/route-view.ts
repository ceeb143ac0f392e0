// Route tables as a user notices them: which requests go where, and what happens to them on the way.

import {
  byName,
  canonical,
  entriesOf,
  isObject,
  type Json,
  type JsonObject,
  mapMembers,
  member,
  objectsIn,
  sorted,
  textOf,
  textsIn,
  without,
} from "./json.ts";

export function viewOfTable(table: JsonObject): JsonObject {
  const hosts = objectsIn(table.virtualHosts);
  // At a gateway istiod keeps the hosts of a VirtualService together, and Fairlead has each by itself.
  const isOfGateway = /^https?\.\d+/.test(textOf(table.name));
  return {
    hosts: isOfGateway
      ? Object.fromEntries(
          hosts.flatMap((host) => textsIn(host.domains).map((each) => [each, viewOfHost(host)])),
        )
      : byName(
          hosts,
          (host) => textOf(host.name),
          (host) => ({
            domains: [...textsIn(host.domains)].sort().join(" "),
            ...viewOfHost(host),
          }),
        ),
    ignorePort: table.ignorePortInHostMatching,
  };
}

function viewOfHost(host: JsonObject): JsonObject {
  return {
    routes: reachable(objectsIn(host.routes).map(viewOfRoute)).filter((each) => canonical(each) !== notFound),
    tls: host.requireTls,
    filters: viewOfFilters(host.typedPerFilterConfig),
  };
}

/** Those up to the first that takes every request. */
function reachable(routes: readonly JsonObject[]): readonly JsonObject[] {
  const last = routes.findIndex(({ match }) => canonical(match) === everything);
  return last < 0 ? routes : routes.slice(0, last + 1);
}

function viewOfRoute(route: JsonObject): JsonObject {
  return {
    // Names of routes, their metadata, decorators and prefixes of statistics are for dashboards.
    ...without(route, "decorator", "metadata", "typedPerFilterConfig", "statPrefix", "name"),
    match: viewOfMatch(route.match),
    // Gone is gone, in whatever order and however often.
    requestHeadersToRemove: [...new Set(textsIn(route.requestHeadersToRemove))].sort(),
    responseHeadersToRemove: [...new Set(textsIn(route.responseHeadersToRemove))].sort(),
    ...(isObject(route.route) && { route: viewOfAction(route.route) }),
    filters: viewOfFilters(route.typedPerFilterConfig),
  };
}

/** What has to hold at once has no order; its first is as good as its last. */
function viewOfMatch(match: Json | undefined): JsonObject {
  return {
    ...without(match, "caseSensitive", "headers", "queryParameters"),
    ignoreCase: member(match, "caseSensitive") === false,
    headers: sorted(objectsIn(member(match, "headers"))),
    queryParameters: sorted(objectsIn(member(match, "queryParameters"))),
  };
}

function viewOfAction(action: JsonObject): JsonObject {
  const retry = member(action, "retryPolicy");
  return {
    ...action,
    // Said twice, a hash chooses as well as said once.
    hashPolicy: [...new Map(objectsIn(action.hashPolicy).map((each) => [canonical(each), each])).values()],
    ...(isObject(retry) && { retryPolicy: viewOfRetries(retry) }),
    ...(isObject(member(action, "weightedClusters")) && {
      weightedClusters: viewOfWeights(objectsIn(member(action, "weightedClusters", "clusters"))),
    }),
    requestMirrorPolicies: objectsIn(member(action, "requestMirrorPolicies")).map((mirror) => ({
      ...without(mirror, "runtimeFraction", "traceSampled"),
      fraction: fractionOf(member(mirror, "runtimeFraction", "defaultValue")),
    })),
  };
}

function viewOfRetries(retry: Json | undefined): JsonObject {
  const predicates = objectsIn(member(retry, "retryHostPredicate")).map(({ name }) => textOf(name));
  // How often to look for another host says nothing where any host will do.
  const pointless = predicates.length === 0 ? ["hostSelectionRetryMaxAttempts"] : [];
  return {
    ...without(retry, "retryHostPredicate", "retryOn", ...pointless),
    retryOn: viewOfConditions(retry),
    retryHostPredicate: predicates,
  };
}

/** Conditions have no order, and codes to retry on are no condition where there are none. */
function viewOfConditions(retry: Json | undefined): string {
  const hasCodes = !isEmptyList(member(retry, "retriableStatusCodes"));
  return textOf(member(retry, "retryOn"))
    .split(",")
    .filter((each) => each !== "" && (hasCodes || each !== "retriable-status-codes"))
    .sort()
    .join(",");
}

const isEmptyList = (value: Json | undefined) => !Array.isArray(value) || value.length === 0;

/** By destination: the same one may be there several times, with different headers. */
function viewOfWeights(clusters: readonly JsonObject[]): JsonObject {
  const views = Object.groupBy(clusters, ({ name }) => textOf(name));
  return mapMembers(views as JsonObject, (same) =>
    sorted(
      objectsIn(same).map((each) => ({
        ...without(each, "name", "typedPerFilterConfig"),
        filters: viewOfFilters(each.typedPerFilterConfig),
      })),
    ),
  );
}

// Statistics of Istio, and how the protocol of a request gets into ALPN: both sides have their own way.
const notNoticed = /istio|set_filter_state/;

function viewOfFilters(filters: Json | undefined): JsonObject {
  const noticed = entriesOf(filters).filter(([name]) => !notNoticed.test(name));
  return mapMembers(Object.fromEntries(noticed), withFractions);
}

/** A share of requests is said with several denominators, and with or without the name of a runtime key. */
function withFractions(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((each) => withFractions(each) ?? null);
  if (!isObject(value)) return value;
  if (isObject(member(value, "defaultValue"))) return fractionOf(member(value, "defaultValue"));
  return mapMembers(value, (inner, name) =>
    name === "percentage" ? fractionOf(inner) : withFractions(inner),
  );
}

const denominators: Readonly<Record<string, number>> = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

function fractionOf(percent: Json | undefined): number | undefined {
  if (!isObject(percent)) return undefined;
  const denominator = denominators[textOf(member(percent, "denominator")) || "HUNDRED"] ?? 100;
  return Number(member(percent, "numerator") ?? 0) / denominator;
}

/** What Envoy answers by itself where no route fits. */
const notFound = canonical(viewOfRoute({ match: { prefix: "/" }, directResponse: { status: 404 } }));

const everything = canonical(viewOfMatch({ prefix: "/" }));

/** The conditions of a list of routes, in order: of two lists with different ones nothing else is worth comparing. */
export function conditionsOf(routes: readonly Json[]): readonly string[] {
  return routes.map((route) => canonical(member(route, "match")));
}
