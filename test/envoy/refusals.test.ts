// The invariants against the real thing: what they find Envoy refuses, and what differs from it by a hair both let pass.

import { type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";
import { checkMessage, formatPath } from "../../compiler/5-emit/invariants/index.ts";
import type { EmittedResource } from "../../compiler/5-emit/resource.ts";
import { staticBootstrap, validateInEnvoy } from "./index.ts";

const extensions = "type.googleapis.com/envoy.extensions";
const target = { cluster: "c" };
const anyPath = { prefix: "/" };

/** A listener with one inline route table. */
function routes(...virtualHosts: JsonValue[]): JsonValue {
  const manager = {
    "@type": `${extensions}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    statPrefix: "test",
    routeConfig: { name: "r", virtualHosts, validateClusters: false },
    httpFilters: [
      {
        name: "envoy.filters.http.router",
        typedConfig: { "@type": `${extensions}.filters.http.router.v3.Router` },
      },
    ],
  };
  return listener({
    filters: [{ name: "envoy.filters.network.http_connection_manager", typedConfig: manager }],
  });
}

function listener(...filterChains: JsonValue[]): JsonValue {
  return {
    name: "l",
    address: { socketAddress: { address: "127.0.0.1", portValue: 0 } },
    listenerFilters: [
      {
        name: "envoy.filters.listener.tls_inspector",
        typedConfig: { "@type": `${extensions}.filters.listener.tls_inspector.v3.TlsInspector` },
      },
    ],
    filterChains,
  };
}

function host(name: string, domains: string[], route: JsonValue = { match: anyPath, route: target }) {
  return { name, domains, routes: [route] };
}

function routed(route: JsonValue): JsonValue {
  return routes(host("a", ["x"], route));
}

function chain(name: string, filterChainMatch: JsonValue): JsonValue {
  const proxy = {
    "@type": `${extensions}.filters.network.tcp_proxy.v3.TcpProxy`,
    statPrefix: "t",
    cluster: "c",
  };
  return {
    name,
    filterChainMatch,
    filters: [{ name: "envoy.filters.network.tcp_proxy", typedConfig: proxy }],
  };
}

function endpoints(...addresses: string[]): JsonValue {
  return {
    clusterName: "c",
    endpoints: [
      {
        lbEndpoints: addresses.map((address) => ({
          endpoint: { address: { socketAddress: { address, portValue: 80 } } },
        })),
      },
    ],
  };
}

function byDns(allAddressesInSingleEndpoint: boolean, ...names: string[]): JsonValue {
  const typedConfig = { "@type": `${extensions}.clusters.dns.v3.DnsCluster`, allAddressesInSingleEndpoint };
  return {
    name: "c",
    clusterType: { name: "envoy.cluster.dns", typedConfig },
    loadAssignment: endpoints(...names),
  };
}

function balancedBy(name: string, type: string, config: object): JsonValue {
  const typedConfig = { "@type": `${extensions}.load_balancing_policies.${name}.v3.${type}`, ...config };
  return {
    name: "c",
    type: "STATIC",
    loadBalancingPolicy: {
      policies: [{ typedExtensionConfig: { name: `envoy.load_balancing_policies.${name}`, typedConfig } }],
    },
  };
}

interface Case {
  readonly schema: DescMessage;
  readonly bad: JsonValue;
  /** Where the violation is said to be. */
  readonly path: string;
  /** The same but for what is wrong. */
  readonly good: JsonValue;
}

const table = "filter_chains[0].filters[0].typed_config.route_config";
const onlyRoute = `${table}.virtual_hosts[0].routes[0]`;
const cases: Readonly<Record<string, Case>> = {
  "a domain in two virtual hosts, in another case": {
    schema: ListenerSchema,
    bad: routes(host("a", ["x.com"]), host("b", ["y.com", "X.com"])),
    path: `${table}.virtual_hosts[1].domains[1]`,
    good: routes(host("a", ["x.com"]), host("b", ["y.com", "*.x.com"])),
  },
  "weights of nothing": {
    schema: ListenerSchema,
    bad: routed({ match: anyPath, route: { weightedClusters: { clusters: [{ name: "c", weight: 0 }] } } }),
    path: `${onlyRoute}.route.weighted_clusters.clusters`,
    good: routed({
      match: anyPath,
      route: {
        weightedClusters: {
          clusters: [
            { name: "c", weight: 0 },
            { name: "c", weight: 1 },
          ],
        },
      },
    }),
  },
  "two rewrites of the path": {
    schema: ListenerSchema,
    bad: routed({
      match: anyPath,
      route: {
        ...target,
        prefixRewrite: "/a",
        regexRewrite: { pattern: { regex: "a" }, substitution: "b" },
      },
    }),
    path: `${onlyRoute}.route`,
    good: routed({ match: anyPath, route: { ...target, prefixRewrite: "/a" } }),
  },
  "a regular expression that RE2 does not know": {
    schema: ListenerSchema,
    bad: routed({ match: { safeRegex: { regex: "/a(?=b)" } }, route: target }),
    path: `${onlyRoute}.match.safe_regex.regex`,
    good: routed({ match: { safeRegex: { regex: "/a(?:b)" } }, route: target }),
  },
  "a change of Host": {
    schema: ListenerSchema,
    bad: routed({
      match: anyPath,
      route: target,
      requestHeadersToAdd: [{ header: { key: "Host", value: "v" } }],
    }),
    path: `${onlyRoute}.request_headers_to_add[0].header.key`,
    good: routed({
      match: anyPath,
      route: target,
      requestHeadersToAdd: [{ header: { key: "Hosts", value: "v" } }],
    }),
  },
  "a lone percent sign in a header": {
    schema: ListenerSchema,
    bad: routed({
      match: anyPath,
      route: target,
      responseHeadersToAdd: [{ header: { key: "a", value: "100%" } }],
    }),
    path: `${onlyRoute}.response_headers_to_add[0].header.value`,
    good: routed({
      match: anyPath,
      route: target,
      responseHeadersToAdd: [{ header: { key: "a", value: "100%% of %REQ(:path):9%" } }],
    }),
  },
  "a negative timeout": {
    schema: ListenerSchema,
    bad: routed({ match: anyPath, route: { ...target, timeout: "-1s" } }),
    path: `${onlyRoute}.route.timeout`,
    good: routed({ match: anyPath, route: { ...target, timeout: "0s" } }),
  },
  "a route that does nothing": {
    schema: ListenerSchema,
    bad: routed({ match: anyPath }),
    path: onlyRoute,
    good: routed({ match: anyPath, directResponse: { status: 200 } }),
  },
  "a status outside HTTP": {
    schema: ListenerSchema,
    bad: routed({ match: anyPath, directResponse: { status: 99 } }),
    path: `${onlyRoute}.direct_response.status`,
    good: routed({ match: anyPath, directResponse: { status: 200 } }),
  },
  "chains that overlap in one server name": {
    schema: ListenerSchema,
    bad: listener(chain("1", { serverNames: ["a.b", "c.d"] }), chain("2", { serverNames: ["a.b"] })),
    path: "filter_chains[1].filter_chain_match",
    good: listener(
      chain("1", { serverNames: ["a.b", "c.d"] }),
      chain("2", { serverNames: ["a.b"], destinationPort: 1 }),
    ),
  },
  "chains for one network in two spellings": {
    schema: ListenerSchema,
    bad: listener(
      chain("1", { prefixRanges: [{ addressPrefix: "10.1.2.3", prefixLen: 8 }] }),
      chain("2", { prefixRanges: [{ addressPrefix: "10.0.0.0", prefixLen: 8 }] }),
    ),
    path: "filter_chains[1].filter_chain_match",
    good: listener(
      chain("1", { prefixRanges: [{ addressPrefix: "10.1.2.3", prefixLen: 8 }] }),
      chain("2", { prefixRanges: [{ addressPrefix: "10.0.0.0", prefixLen: 9 }] }),
    ),
  },
  "two chains for everything": {
    schema: ListenerSchema,
    bad: listener(chain("1", {}), chain("2", {})),
    path: "filter_chains[1].filter_chain_match",
    good: listener(chain("1", {}), chain("2", { transportProtocol: "tls" })),
  },
  "a bare wildcard as server name": {
    schema: ListenerSchema,
    bad: listener(chain("1", { serverNames: ["*"] })),
    path: "filter_chains[0].filter_chain_match.server_names[0]",
    good: listener(chain("1", { serverNames: ["*.com"] })),
  },
  "no chains": {
    schema: ListenerSchema,
    bad: listener(),
    path: "filter_chains",
    good: listener(chain("1", {})),
  },
  "a range that is no address": {
    schema: ListenerSchema,
    bad: listener(chain("1", { prefixRanges: [{ addressPrefix: "10.0.0.999", prefixLen: 8 }] })),
    path: "filter_chains[0].filter_chain_match.prefix_ranges[0].address_prefix",
    good: listener(chain("1", { prefixRanges: [{ addressPrefix: "fd00::", prefixLen: 8 }] })),
  },
  "a name among addresses": {
    schema: ClusterSchema,
    bad: { name: "c", type: "STATIC", loadAssignment: endpoints("10.0.0.1", "a.b") },
    path: "load_assignment.endpoints[0].lb_endpoints[1].endpoint.address",
    good: { name: "c", type: "STATIC", loadAssignment: endpoints("10.0.0.1", "::1") },
  },
  "one address at a time of two names": {
    schema: ClusterSchema,
    bad: byDns(true, "a.b", "c.d"),
    path: "load_assignment",
    good: byDns(false, "a.b", "c.d"),
  },
  "a Maglev table of composite size": {
    schema: ClusterSchema,
    bad: balancedBy("maglev", "Maglev", { tableSize: 65_539 + 2 }),
    path: "load_balancing_policy.policies[0].typed_extension_config.typed_config.table_size",
    good: balancedBy("maglev", "Maglev", { tableSize: 65_537 }),
  },
  "a ring smaller than it must be": {
    schema: ClusterSchema,
    bad: balancedBy("ring_hash", "RingHash", { minimumRingSize: 2000, maximumRingSize: 1024 }),
    path: "load_balancing_policy.policies[0].typed_extension_config.typed_config.minimum_ring_size",
    good: balancedBy("ring_hash", "RingHash", { minimumRingSize: 1024, maximumRingSize: 1024 }),
  },
  "a cluster without a name": {
    schema: ClusterSchema,
    bad: { type: "STATIC" },
    path: "name",
    good: { name: "c", type: "STATIC" },
  },
};

function resource(schema: DescMessage, json: JsonValue): EmittedResource {
  const message = fromJson(schema, json, { registry });
  return { typeUrl: `type.googleapis.com/${schema.typeName}`, name: "n", schema, message, origins: [] };
}

for (const [title, { schema, bad, path, good }] of Object.entries(cases)) {
  test.serial(`refused by both: ${title}`, async (t) => {
    const refused = resource(schema, bad);
    const violations = checkMessage(schema, refused.message, registry);
    t.deepEqual(
      violations.map((violation) => formatPath(violation.path)),
      [path],
      JSON.stringify(violations),
    );
    t.false((await validateInEnvoy(staticBootstrap([refused]))).accepted);
    const accepted = resource(schema, good);
    t.deepEqual(checkMessage(schema, accepted.message, registry), []);
    const { accepted: starts, output } = await validateInEnvoy(staticBootstrap([accepted]));
    t.true(starts, output);
  });
}
