// (Mesh, proxy) → ProxyView: the one place that says which plans a proxy gets. Nothing after this may read the mesh.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { FilterPolicy } from "../kinds/kind.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import { type Client, clientOf, scopeOf } from "./client.ts";
import { builtInClusters, planOutbound } from "./clusters.ts";
import { planGateway } from "./gateway.ts";
import { importsOf, importsOfEgress, visibleServices } from "./imports.ts";
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
  ListenerPlan,
  ProxyView,
  RouteTablePlan,
} from "./plan/index.ts";
import type { MeshProxy } from "./proxy.ts";
import { isHttp, planPortTable, planProxyTable, type TableContext } from "./virtual-hosts.ts";

/** Everything emission needs for one proxy. `policies` are the kinds that turn into filters. */
export function buildView(mesh: Mesh, proxy: MeshProxy, policies: readonly FilterPolicy[]): ProxyView {
  const client = clientOf(mesh, proxy);
  const effective = effectivePolicies(mesh, proxy, policies);
  return proxy.type === "router"
    ? routerView(mesh, proxy, client, effective)
    : sidecarView(mesh, proxy, client, effective);
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

function sidecarView(
  mesh: Mesh,
  proxy: MeshProxy,
  client: Client,
  policies: readonly EffectivePolicy[],
): ProxyView {
  const outbound = sidecarOutbound(mesh, client);
  const inbound = planInbound(mesh, proxy, scopeOf(mesh, proxy), policies);
  return {
    clusters: byName([...outbound.clusters, ...inbound.clusters]),
    endpoints: outbound.endpoints,
    listeners: byName(withoutRepeatedPorts([...inbound.listeners, ...outbound.listeners])),
    routeTables: outbound.routeTables,
    secrets: [],
  };
}

interface OutboundPlans {
  readonly clusters: readonly ClusterPlan[];
  readonly endpoints: readonly EndpointsPlan[];
  readonly listeners: readonly ListenerPlan[];
  readonly routeTables: readonly RouteTablePlan[];
}

/** The outbound half, shared by all proxies that are equal as clients. */
const sidecarOutbound = memoizeByIdentity((mesh: Mesh, client: Client): OutboundPlans => {
  const { config } = mesh;
  const { scope } = client;
  const imports = importsOf(mesh, client);
  const outbound = scope?.outboundPolicy ?? config.outboundPolicy;
  const context: TableContext = { mesh, client, imports, outbound };
  const { clusters, endpoints } = planOutbound(mesh, client, [...imports.serviceByHost.values()]);
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
    const listener = planBoundListener(part, address, port.number, part.imports.services, [egress.origin]);
    if (listener) listeners.push({ ...listener, bindToPort: binds });
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
    clusters: [...clusters, ...builtInClusters(config)],
    endpoints: [...endpoints].sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1)),
    listeners,
    routeTables: byName([...tables.values()]),
  };
});

function httpPorts({ imports }: TableContext): readonly number[] {
  const ports = new Set<number>();
  for (const service of imports.services) {
    for (const { number, protocol } of service.ports) if (isHttp(protocol)) ports.add(number);
  }
  return [...ports].sort((a, b) => a - b);
}

function routerView(
  mesh: Mesh,
  proxy: MeshProxy,
  client: Client,
  policies: readonly EffectivePolicy[],
): ProxyView {
  const services = visibleServices(mesh, client.namespace);
  const imports = { services: [...services.values()], serviceByHost: services, routeSets: [] };
  const context: TableContext = { mesh, client, imports, outbound: mesh.config.outboundPolicy };
  const { clusters, endpoints } = planOutbound(mesh, client, imports.services);
  const gateway = planGateway(context, proxy, policies);
  return {
    clusters: byName([...clusters, ...builtInClusters(mesh.config)]),
    endpoints: [...endpoints].sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1)),
    listeners: gateway.listeners,
    routeTables: byName(gateway.routeTables),
    secrets: byName(gateway.secrets),
  };
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
