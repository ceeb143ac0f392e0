// (Mesh, proxy) → ProxyView: the one place that says which plans a proxy gets. Nothing after this may read the mesh.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { FilterPolicy } from "../kinds/kind.ts";
import { keepEqual, memoizeByIdentity, sameItems, sameTree } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import { type Client, clientOf, scopeOf } from "./client.ts";
import { builtInClusters, planOutbound } from "./clusters.ts";
import { planGateway } from "./gateway.ts";
import { importsOf, importsOfEgress } from "./imports.ts";
import { planInbound } from "./inbound.ts";
import {
  planBoundListener,
  planHttpProxy,
  planServiceListeners,
  planVirtualOutbound,
} from "./outbound-listeners.ts";
import type {
  ClusterPlan,
  EffectivePolicy,
  EndpointsPlan,
  LayeredView,
  ListenerPlan,
  ProxyView,
  RouteTablePlan,
} from "./plan/index.ts";
import type { MeshProxy } from "./proxy.ts";
import { isHttp, planPortTable, planProxyTable, type TableContext } from "./virtual-hosts.ts";

/** Everything emission needs for one proxy. `policies` are the kinds that turn into filters. */
export function buildView(mesh: Mesh, proxy: MeshProxy, policies: readonly FilterPolicy[]): ProxyView {
  const { shared, own } = buildLayers(mesh, proxy, policies);
  return {
    clusters: join(shared.clusters, own.clusters),
    endpoints: shared.endpoints,
    listeners: join(shared.listeners, own.listeners),
    routeTables: join(shared.routeTables, own.routeTables),
    secrets: join(shared.secrets, own.secrets),
  };
}

/** The same in layers, for whoever keeps what proxies share. */
export function buildLayers(mesh: Mesh, proxy: MeshProxy, policies: readonly FilterPolicy[]): LayeredView {
  const client = clientOf(mesh, proxy);
  const effective = effectivePolicies(mesh, proxy, policies);
  return proxy.type === "router"
    ? routerLayers(mesh, proxy, client, effective)
    : sidecarLayers(mesh, proxy, client, effective);
}

function join<T extends { readonly name: string }>(shared: readonly T[], own: readonly T[]): readonly T[] {
  const hidden = new Set(own.map(({ name }) => name));
  return byName([...own, ...shared.filter(({ name }) => !hidden.has(name))]);
}

function effectivePolicies(
  mesh: Mesh,
  proxy: MeshProxy,
  policies: readonly FilterPolicy[],
): readonly EffectivePolicy[] {
  const target = {
    namespace: proxy.namespace,
    labels: proxy.labels,
    rootNamespace: mesh.config.rootNamespace,
    trustDomain: mesh.config.trustDomain,
    trustDomainAliases: mesh.config.trustDomainAliases,
  };
  return policies.flatMap((kind) => kind.resolve(mesh.filterPolicies.get(kind.policy) ?? [], target) ?? []);
}

function sidecarLayers(
  mesh: Mesh,
  proxy: MeshProxy,
  client: Client,
  policies: readonly EffectivePolicy[],
): LayeredView {
  const inbound = planInbound(mesh, proxy, scopeOf(mesh, proxy), policies);
  const keep = <P extends ClusterPlan | ListenerPlan>(plan: P): P =>
    keepPlan(client, `${proxy.id} ${plan.name}`, plan) as P;
  return {
    shared: sidecarOutbound(mesh, client),
    own: {
      clusters: byName(inbound.clusters.map(keep)),
      endpoints: [],
      listeners: byName(withoutRepeatedPorts(inbound.listeners).map(keep)),
      routeTables: [],
      secrets: [],
    },
  };
}

// What comes out the same stays the same object, so that nobody writes, checks and encodes it again.
const keepPlan = keepEqual<Client, ClusterPlan | ListenerPlan>(sameTree, { keys: 10_000 });

/** The outbound half, shared by all proxies that are equal as clients. */
const sidecarOutbound = memoizeByIdentity((mesh: Mesh, client: Client): ProxyView => {
  const { config } = mesh;
  const { scope } = client;
  const imports = importsOf(mesh, client);
  const outbound = scope?.outboundPolicy ?? config.outboundPolicy;
  const context: TableContext = { mesh, client, imports, outbound };
  const { clusters, endpoints, secrets } = planOutbound(mesh, client, [
    ...new Set(imports.serviceByHost.values()),
  ]);
  const captured = client.interceptionMode !== "NONE";

  const listeners: ListenerPlan[] = captured ? [planVirtualOutbound(context)] : [];
  const tables = new Map<string, RouteTablePlan>();
  const explicit = scope?.egress?.filter((egress) => egress.port !== undefined) ?? [];
  for (const egress of explicit) {
    const { port } = egress;
    if (!port) continue;
    const part = { ...context, imports: importsOfEgress(mesh, client, [egress]) };
    const binds = egress.captureMode === "none" || !captured;
    const address = egress.bind ?? (binds ? client.local : client.wildcard);
    const listener = planBoundListener(part, address, port.number, binds, [egress.origin]);
    if (listener) listeners.push(listener);
    if (isHttp(port.protocol)) {
      const table = planPortTable(part, port.number);
      tables.set(table.name, table);
    }
  }
  if (captured) {
    const open = scope?.egress?.filter((egress) => egress.port === undefined);
    const rest = open && explicit.length > 0 ? importsOfEgress(mesh, client, open) : imports;
    const part = { ...context, imports: rest };
    const named = new Set(listeners.map(({ name }) => name));
    const shared = planServiceListeners(part, rest.services).filter(({ name }) => !named.has(name));
    listeners.push(...shared);
    for (const port of httpPorts(part)) {
      const table = planPortTable(part, port);
      if (!tables.has(table.name)) tables.set(table.name, table);
    }
  }
  if (config.proxyHttpPort > 0) {
    listeners.push(planHttpProxy(context));
    const table = planProxyTable(context);
    tables.set(table.name, table);
  }
  return {
    clusters: keepClusters(config, "", byName([...clusters, ...builtInClusters(config)])),
    endpoints: keepEndpoints(config, "", byClusterName(endpoints)),
    listeners: keepListeners(
      client,
      "",
      byName(withoutRepeatedPorts(listeners).map((plan) => keepListener(client, plan.name, plan))),
    ),
    routeTables: keepTables(client, "", byName([...tables.values()])),
    secrets: byName(secrets),
  };
});

// Many clients have the same clusters: the lists of the last few kinds of them are kept for all.
const several = { variants: 32 };
const keepClusters = keepEqual<MeshConfig, readonly ClusterPlan[]>(sameItems, several);
const keepEndpoints = keepEqual<MeshConfig, readonly EndpointsPlan[]>(sameItems, several);
const keepListeners = keepEqual<Client, readonly ListenerPlan[]>(sameItems);
const keepTables = keepEqual<Client, readonly RouteTablePlan[]>(sameItems);
const keepListener = keepEqual<Client, ListenerPlan>(sameTree);

function httpPorts({ imports }: TableContext): readonly number[] {
  const ports = new Set<number>();
  for (const service of imports.services) {
    for (const { number, protocol } of service.ports) if (isHttp(protocol)) ports.add(number);
  }
  return [...ports].sort((a, b) => a - b);
}

function routerLayers(
  mesh: Mesh,
  proxy: MeshProxy,
  client: Client,
  policies: readonly EffectivePolicy[],
): LayeredView {
  const context: TableContext = {
    mesh,
    client,
    imports: importsOf(mesh, client),
    outbound: mesh.config.outboundPolicy,
  };
  const gateway = planGateway(context, proxy, policies);
  return {
    shared: routerOutbound(mesh, client),
    own: {
      clusters: [],
      endpoints: [],
      listeners: gateway.listeners,
      routeTables: byName(gateway.routeTables),
      secrets: byName(gateway.secrets),
    },
  };
}

/** What a gateway may send to, shared by all gateways that are equal as clients. */
const routerOutbound = memoizeByIdentity((mesh: Mesh, client: Client): ProxyView => {
  const services = new Set(importsOf(mesh, client).serviceByHost.values());
  const { clusters, endpoints, secrets } = planOutbound(mesh, client, [...services]);
  return {
    clusters: keepClusters(mesh.config, "", byName([...clusters, ...builtInClusters(mesh.config)])),
    endpoints: keepEndpoints(mesh.config, "", byClusterName(endpoints)),
    listeners: [],
    routeTables: [],
    secrets: byName(secrets),
  };
});

function byClusterName(plans: readonly EndpointsPlan[]): readonly EndpointsPlan[] {
  return [...plans].sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1));
}

/** Two listeners cannot bind one port: what serves the workload itself goes first. */
function withoutRepeatedPorts(listeners: readonly ListenerPlan[]): readonly ListenerPlan[] {
  const taken = new Set<string>();
  return listeners.filter(({ name }) => {
    if (taken.has(name)) return false;
    taken.add(name);
    return true;
  });
}

function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
