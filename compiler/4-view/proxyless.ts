// (Mesh, gRPC client without a proxy) → ProxylessView: the outbound half of a sidecar's view, told in what gRPC understands.
// Which services, routes and policies hold for the client is decided as for a sidecar; nothing here reads policy.

import type { Mesh } from "../3-mesh/mesh.ts";
import { keepEqual, memoizeByIdentity, sameItems } from "../model/memo.ts";
import { blackHoleCluster, outboundCluster } from "../model/names.ts";
import { type Client, clientOf } from "./client.ts";
import { builtInClusters, planOutbound } from "./clusters.ts";
import { importsOf } from "./imports.ts";
import { outlookOf } from "./outlook.ts";
import type {
  ClusterPlan,
  EndpointsPlan,
  ProxylessView,
  RouteTablePlan,
  TargetPlan,
  VirtualHostPlan,
} from "./plan/index.ts";
import { byClusterName, byName } from "./plan-lists.ts";
import type { MeshProxy } from "./proxy.ts";
import { httpPorts, planPortTable, type TableContext } from "./virtual-hosts.ts";

/** Everything emission needs for one client without a proxy. */
export function planProxyless(mesh: Mesh, proxy: MeshProxy): ProxylessView {
  // It calls by name, like the explicit proxy, and has no certificate that Fairlead could give it.
  return planFor(mesh, clientOf(mesh, { ...proxy, interceptionMode: "NONE", hasIdentity: false }));
}

const planFor = memoizeByIdentity((mesh: Mesh, client: Client): ProxylessView => {
  const imports = importsOf(mesh, client);
  const context: TableContext = { mesh, client, imports, outbound: mesh.config.outboundPolicy };
  const outbound = planOutbound(outlookOf(mesh, client, imports));
  const clusters = [
    ...outbound.clusters.map((plan) => speakable(plan)),
    ...builtInClusters(mesh.config).filter(({ name }) => name === blackHoleCluster),
  ];
  const found = new Set(clusters.filter(({ discovery }) => discovery.type === "eds").map(({ name }) => name));
  const hosts = httpPorts(context).flatMap((port) =>
    planPortTable(context, port).virtualHosts.flatMap((host) => planHost(host, port) ?? []),
  );
  return {
    targets: keepTargets(client, "", byName(withoutRepeatedNames(hosts.flatMap(({ targets }) => targets)))),
    routeTables: keepTables(client, "", byName(hosts.map(({ table }) => table))),
    clusters: keepClusters(client, "", byName(clusters)),
    endpoints: keepEndpoints(
      client,
      "",
      byClusterName(outbound.endpoints.filter(({ clusterName }) => found.has(clusterName))),
    ),
  };
});

const keepTargets = keepEqual<Client, readonly TargetPlan[]>(sameItems);
const keepTables = keepEqual<Client, readonly RouteTablePlan[]>(sameItems);
const keepClusters = keepEqual<Client, readonly ClusterPlan[]>(sameItems);
const keepEndpoints = keepEqual<Client, readonly EndpointsPlan[]>(sameItems);

interface Host {
  readonly table: RouteTablePlan;
  readonly targets: readonly TargetPlan[];
}

/** Undefined for hosts that nobody can call by name: wildcards, and what a sidecar does with unknown destinations. */
const planHost = memoizeByIdentity((host: VirtualHostPlan, port: number): Host | undefined => {
  const domains = host.domains.filter((domain) => !domain.includes("*"));
  if (domains.length === 0) return undefined;
  const name = outboundCluster(port, undefined, host.name.slice(0, host.name.lastIndexOf(":")));
  const { origins } = host;
  return {
    // The table is found by way of the name that was called, so that it need not be told from others again.
    table: { name, virtualHosts: [{ ...host, domains: ["*"] }], ignorePortInHost: false, origins },
    targets: domains.map((domain) => ({ name: `${domain}:${port}`, routeTable: name, origins })),
  };
});

/**
 * A cluster that gRPC cannot reach as policy demands has no endpoints, so that calls fail instead of going out otherwise:
 * TLS of the policy's own needs certificates that the client's bootstrap does not have; DNS works for a single name.
 */
const speakable = memoizeByIdentity((plan: ClusterPlan): ClusterPlan => {
  const { discovery } = plan;
  if (plan.tls.type !== "none") return { ...plan, discovery: { type: "black-hole" }, tls: { type: "none" } };
  switch (discovery.type) {
    case "eds":
    case "black-hole":
      return plan;
    case "strict-dns":
    case "logical-dns": {
      const [first, second] = discovery.endpoints.localities.flatMap(({ endpoints }) => endpoints);
      const single = first !== undefined && second === undefined && !first.address.startsWith("unix://");
      return { ...plan, discovery: single ? { ...discovery, type: "logical-dns" } : { type: "black-hole" } };
    }
    case "static":
    case "original-dst":
    case "named-by-request":
      return { ...plan, discovery: { type: "black-hole" } };
  }
});

function withoutRepeatedNames(targets: readonly TargetPlan[]): readonly TargetPlan[] {
  return [...new Map(targets.toReversed().map((target) => [target.name, target])).values()];
}
