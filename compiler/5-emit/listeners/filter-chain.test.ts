import { create, fromBinary } from "@bufbuild/protobuf";
import { AnySchema, durationMs } from "@bufbuild/protobuf/wkt";
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManager_ForwardClientCertDetails as ForwardClientCert,
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { TcpProxySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import test from "ava";
import type { FilterChainPlan, HttpTerminal, TcpTerminal } from "../../4-view/plan/listeners.ts";
import type { Contribution, FilterPolicy, Site } from "../../kinds/kind.ts";
import { adsSource } from "../ads-source.ts";
import { routeTable } from "../routes/route-plan-builder.ts";
import { filterChain } from "./filter-chain.ts";
import { chain, http, serverTls, tcp } from "./listener-plan-builder.ts";

const config = create(AnySchema, { typeUrl: "type.googleapis.com/test", value: Uint8Array.of(1) });

/** A policy kind whose every policy contributes this much. */
function kind(policy: string, contribution: Partial<Contribution>, seen: Site[] = []): FilterPolicy {
  return {
    policy,
    resolve: () => undefined,
    contribute: (_, site) => {
      seen.push(site);
      return { httpFilters: [], networkFilters: [], ...contribution };
    },
  };
}

const contributors = (...kinds: readonly FilterPolicy[]) => new Map(kinds.map((one) => [one.policy, one]));
const policy = (name: string) => ({ policy: name, effective: {}, origins: [] });

function filters(plan: FilterChainPlan, ...kinds: readonly FilterPolicy[]) {
  return filterChain(plan, "outbound", contributors(...kinds)).filters;
}

function manager(terminal: Partial<HttpTerminal>, ...kinds: readonly FilterPolicy[]): HttpConnectionManager {
  const policies = kinds.map((one) => policy(one.policy));
  const last = filters(chain(http(terminal), { policies }), ...kinds).at(-1);
  if (last?.configType.case !== "typedConfig") throw new Error("no connection manager");
  return fromBinary(HttpConnectionManagerSchema, last.configType.value.value);
}

const httpNames = (terminal: Partial<HttpTerminal>, ...kinds: readonly FilterPolicy[]) =>
  manager(terminal, ...kinds).httpFilters.map(({ name }) => name.replace("envoy.filters.http.", ""));

test("HTTP filters of policies and ours come in filter order", (t) => {
  const access = kind("access", {
    httpFilters: [
      { filter: "envoy.filters.http.rbac", name: "deny", config },
      { filter: "envoy.filters.http.rbac", name: "allow", config },
    ],
  });
  t.deepEqual(httpNames({}, access), ["deny", "allow", "fault", "cors", "set_filter_state", "router"]);
});

test("only what a chain needs", (t) => {
  t.deepEqual(httpNames({ role: "inbound", usesFault: false }), ["router"]);
  t.deepEqual(httpNames({ usesFault: false }), ["cors", "set_filter_state", "router"]);
});

test("network filters of policies go before the end of the chain", (t) => {
  const access = kind("access", {
    networkFilters: [{ filter: "envoy.filters.network.rbac", name: "rbac", config }],
  });
  const plan = chain(tcp({ clusters: [], clusterFromSni: true }), { policies: [policy("access")] });
  t.deepEqual(
    filters(plan, access).map(({ name }) => name),
    ["rbac", "envoy.filters.network.sni_cluster", "envoy.filters.network.tcp_proxy"],
  );
});

test("policies are told where they are", (t) => {
  const seen: Site[] = [];
  const spy = kind("spy", {}, seen);
  for (const terminal of [http(), http({ role: "gateway" }), tcp(), tcp({ role: "gateway" })]) {
    filters(chain(terminal, { policies: [policy("spy")] }), spy);
  }
  filterChain(chain(tcp(), { policies: [policy("spy")] }), "inbound", contributors(spy));
  t.deepEqual(seen, [
    { direction: "outbound", protocol: "http" },
    { direction: "gateway", protocol: "http" },
    { direction: "outbound", protocol: "tcp" },
    { direction: "gateway", protocol: "tcp" },
    { direction: "inbound", protocol: "tcp" },
  ]);
});

test("a policy of a kind that nobody knows is our own mistake", (t) => {
  t.throws(() => filters(chain(tcp(), { policies: [policy("unknown")] })), { message: /unknown/ });
});

test("routes come by ADS, or with the chain", (t) => {
  const { routeSpecifier: remote } = manager({ routes: { type: "rds", name: "9080" } });
  t.like(remote, { case: "rds", value: { routeConfigName: "9080" } });
  t.deepEqual(remote.case === "rds" && remote.value.configSource, adsSource);
  const { routeSpecifier: inline } = manager({ routes: { type: "inline", table: routeTable([]) } });
  t.like(inline, { case: "routeConfig", value: { name: "80" } });
});

test("roles", (t) => {
  const outbound = manager({ role: "outbound" });
  t.false(outbound.useRemoteAddress);
  t.is(outbound.serverName, "");
  t.is(outbound.setCurrentClientCertDetails, undefined);
  const inbound = manager({ role: "inbound", forwardClientCert: "append-forward" });
  t.false(inbound.useRemoteAddress);
  t.is(inbound.serverName, "istio-envoy");
  t.is(inbound.forwardClientCertDetails, ForwardClientCert.APPEND_FORWARD);
  t.like(inbound.setCurrentClientCertDetails, { subject: true, dns: true, uri: true, cert: false });
  const gateway = manager({ role: "gateway", forwardClientCert: "sanitize-set", trustedHops: 2 });
  t.true(gateway.useRemoteAddress);
  t.is(gateway.xffNumTrustedHops, 2);
  t.true(gateway.setCurrentClientCertDetails?.cert);
  t.true(manager({ role: "http-proxy" }).httpProtocolOptions?.allowAbsoluteUrl);
});

test("streams may stay quiet, and may become websockets", (t) => {
  const { streamIdleTimeout, upgradeConfigs } = manager({});
  t.is(streamIdleTimeout && durationMs(streamIdleTimeout), 0);
  t.deepEqual(
    upgradeConfigs.map(({ upgradeType }) => upgradeType),
    ["websocket"],
  );
});

test("paths are normalized as far as the mesh says", (t) => {
  const normalized = (pathNormalization: HttpTerminal["pathNormalization"]) => {
    const { normalizePath, mergeSlashes, pathWithEscapedSlashesAction } = manager({ pathNormalization });
    return [normalizePath, mergeSlashes, pathWithEscapedSlashesAction];
  };
  t.deepEqual(normalized("none"), [false, false, EscapedSlashes.KEEP_UNCHANGED]);
  t.deepEqual(normalized("base"), [true, false, EscapedSlashes.KEEP_UNCHANGED]);
  t.deepEqual(normalized("merge-slashes"), [true, true, EscapedSlashes.KEEP_UNCHANGED]);
  t.deepEqual(normalized("decode-and-merge-slashes"), [true, true, EscapedSlashes.UNESCAPE_AND_FORWARD]);
});

function proxy(terminal: Partial<TcpTerminal>) {
  const last = filters(chain(tcp(terminal))).at(-1);
  if (last?.configType.case !== "typedConfig") throw new Error("no TCP proxy");
  return fromBinary(TcpProxySchema, last.configType.value.value);
}

test("TCP goes to one cluster or to several by weight", (t) => {
  t.deepEqual(proxy({ clusters: [{ cluster: "a", weight: 0 }] }).clusterSpecifier, {
    case: "cluster",
    value: "a",
  });
  t.deepEqual(proxy({ clusters: [] }).clusterSpecifier, { case: "cluster", value: "BlackHoleCluster" });
  const clusters = [
    { cluster: "a", weight: 1 },
    { cluster: "b", weight: 0 },
    { cluster: "c", weight: 2 },
  ];
  const { clusterSpecifier } = proxy({ clusters });
  t.deepEqual(
    clusterSpecifier.case === "weightedClusters" &&
      clusterSpecifier.value.clusters.map(({ name, weight }) => [name, weight]),
    [
      ["a", 1],
      ["c", 2],
    ],
  );
});

test("TCP idles as the plan says, or as Envoy does", (t) => {
  t.is(proxy({}).idleTimeout, undefined);
  const { idleTimeout, hashPolicy } = proxy({ idleTimeoutMs: 0, hashSourceIp: true });
  t.is(idleTimeout && durationMs(idleTimeout), 0);
  t.is(hashPolicy[0]?.policySpecifier.case, "sourceIp");
});

test("only a gateway's handshakes are limited in time", (t) => {
  const timeout = (plan: FilterChainPlan) =>
    filterChain(plan, "outbound", new Map()).transportSocketConnectTimeout;
  t.is(timeout(chain(tcp())), undefined);
  t.is(timeout(chain(tcp(), { tls: { type: "mesh", trustDomains: [], alpn: [] } })), undefined);
  const limited = timeout(chain(tcp(), { tls: serverTls() }));
  t.is(limited && durationMs(limited), 15_000);
});
