// Listeners as a user notices them: where they listen, which connections each chain takes, and what it does with them.

import {
  byName,
  canonical,
  isObject,
  type Json,
  type JsonObject,
  member,
  objectsIn,
  sorted,
  textOf,
  textsIn,
  typeName,
  without,
} from "./json.ts";
import { viewOfTable } from "./route-view.ts";
import { viewOfTls } from "./tls-view.ts";

export function viewOfListener(listener: JsonObject): JsonObject {
  const all = objectsIn(listener.filterChains);
  // A chain that asks for nothing takes what no other one does, as the default chain would.
  const conditionsOf = conditionsAmong(all);
  const open = all.find((chain) => canonical(conditionsOf(chain)) === "{}");
  const fallback = isObject(listener.defaultFilterChain) ? listener.defaultFilterChain : open;
  return {
    address: member(listener, "address", "socketAddress"),
    otherAddresses: objectsIn(listener.additionalAddresses).length,
    // Of two that ask for the same, the first has what both ask for.
    chains: byName(
      all.filter((chain) => chain !== fallback).reverse(),
      (chain) => canonical(viewOfMatch(conditionsOf(chain))),
      viewOfChain,
    ),
    fallback: fallback && viewOfChain(fallback),
    bindToPort: listener.bindToPort,
    useOriginalDst: listener.useOriginalDst,
    transparent: listener.transparent,
    direction: listener.trafficDirection,
  };
}

/**
 * What a chain asks for. Where TLS ends, plain text gets nowhere, whether the chain says that it takes TLS only or not. Where no chain is
 * for TLS, nobody looks for it, and everything counts as plain text.
 */
function conditionsAmong(chains: readonly JsonObject[]): (chain: JsonObject) => JsonObject {
  const name = "transportProtocol";
  const others = (chain: JsonObject) =>
    canonical(without(chain.filterChainMatch, name, "applicationProtocols"));
  const transport = (chain: JsonObject) => member(chain.filterChainMatch, name);
  const ofTls = new Set(chains.filter((chain) => transport(chain) === "tls").map(others));
  return (chain) => {
    const endsTls = transport(chain) === "tls" && isObject(chain.transportSocket);
    const isAlone = transport(chain) === "raw_buffer" && !ofTls.has(others(chain));
    return without(chain.filterChainMatch, ...(endsTls || isAlone ? [name] : []));
  };
}

function viewOfChain(chain: JsonObject): JsonObject {
  return {
    filters: objectsIn(chain.filters)
      .filter(({ name }) => !/istio\.|metadata_exchange/.test(textOf(name)))
      .map((filter) => viewOfFilter(filter, isObject(chain.transportSocket))),
    tls: chain.transportSocket && viewOfTls(chain.transportSocket),
  };
}

function viewOfMatch(match: Json | undefined): JsonObject {
  const names = textsIn(member(match, "serverNames"));
  const protocols = textsIn(member(match, "applicationProtocols"));
  // A name is known of TLS only, so that saying so adds nothing.
  const implied =
    names.length > 0 && member(match, "transportProtocol") === "tls" ? ["transportProtocol"] : [];
  return {
    ...without(match, "applicationProtocols", "serverNames", ...implied),
    ...(names.length > 0 && { serverNames: sorted(names) }),
    ...(protocols.length > 0 && { protocols: classOf(protocols) }),
  };
}

/** Lists of protocols grew with the years; what they tell apart did not. */
function classOf(protocols: readonly string[]): string {
  const has = (pattern: RegExp) => protocols.some((each) => pattern.test(each));
  if (has(/^istio-(http|h2)/)) return has(/^istio$|peer-exchange/) ? "of the mesh" : "HTTP of the mesh";
  if (has(/^istio/)) return "TCP of the mesh";
  return has(/http|h2/) ? "HTTP" : protocols.join(" ");
}

function viewOfFilter(filter: JsonObject, isTls: boolean): JsonObject {
  const config = filter.typedConfig;
  const kind = typeName(config);
  if (kind === "HttpConnectionManager")
    return { kind, ...viewOfHttp(config), ...(isTls && viewOfClients(config)) };
  if (kind === "RBAC") return { kind, rules: member(config, "rules") };
  if (kind !== "TcpProxy") return { kind, name: filter.name };
  return {
    kind,
    cluster: member(config, "cluster"),
    weighted: sorted(objectsIn(member(config, "weightedClusters", "clusters"))),
    idleTimeout: member(config, "idleTimeout"),
    hashPolicy: member(config, "hashPolicy"),
  };
}

/** Without TLS there are no certificates to tell of, and Envoy removes what a request says of them. */
function viewOfClients(config: Json | undefined): JsonObject {
  const forwardClientCert = textOf(member(config, "forwardClientCertDetails"));
  const adds = /^(APPEND_FORWARD|SANITIZE_SET)$/.test(forwardClientCert);
  return {
    forwardClientCert,
    clientCertDetails: adds ? member(config, "setCurrentClientCertDetails") : undefined,
  };
}

// There in case a route needs them, on one side always, on the other only then; what they do is in the routes.
const onDemand = /istio\.|grpc_stats|set_filter_state|\.cors$|\.fault$/;

function viewOfHttp(config: Json | undefined): JsonObject {
  const table = member(config, "routeConfig");
  return {
    rds: member(config, "rds", "routeConfigName"),
    inline: isObject(table) ? viewOfTable(table) : undefined,
    filters: objectsIn(member(config, "httpFilters"))
      .filter(({ name }) => !onDemand.test(textOf(name)))
      .map(({ name, typedConfig }) => ({
        name,
        ...(/rbac/.test(textOf(name)) && { config: without(typedConfig, "shadowRulesStatPrefix") }),
      })),
    useRemoteAddress: member(config, "useRemoteAddress"),
    trustedHops: member(config, "xffNumTrustedHops"),
    normalizePath: member(config, "normalizePath"),
    mergeSlashes: member(config, "mergeSlashes"),
    escapedSlashes: member(config, "pathWithEscapedSlashesAction"),
    upgrades: member(config, "upgradeConfigs"),
    serverName: member(config, "serverName"),
    http1: member(config, "httpProtocolOptions"),
    common: member(config, "commonHttpProtocolOptions"),
    streamIdleTimeout: member(config, "streamIdleTimeout"),
    proxy100Continue: member(config, "proxy100Continue"),
  };
}
