// The outbound half of a proxy: clusters, endpoints, listeners and route tables for what it may call. Planned once for all
// proxies that are equal as clients, and brought up to date from mesh to mesh where little has changed.

import type { Mesh } from "../3-mesh/mesh.ts";
import { sameTree } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { Client } from "./client.ts";
import { builtInClusters, planOutbound } from "./clusters.ts";
import { importsOf, importsOfEgress } from "./imports.ts";
import { stepImports } from "./imports-step.ts";
import { keepLists, keepPlans } from "./kept-plans.ts";
import {
  planBoundListener,
  planHttpProxy,
  planPortListeners,
  planServiceListeners,
  planVirtualOutbound,
} from "./outbound-listeners.ts";
import { stepClusters, stepListeners, stepTables } from "./outbound-step.ts";
import { outlookOf } from "./outlook.ts";
import type { ClusterPlan, EndpointsPlan, ListenerPlan, ProxyView, RouteTablePlan } from "./plan/index.ts";
import { byClusterName, byName, withoutRepeatedPorts } from "./plan-lists.ts";
import { isHttp } from "./reach.ts";
import { type Advance, stepwise } from "./stepwise.ts";
import {
  httpPorts,
  isSharedPort,
  planPortTable,
  planProxyTable,
  planServiceTables,
  type TableContext,
} from "./virtual-hosts.ts";

/** The outbound half of a sidecar, shared by all proxies that are equal as clients. */
export const sidecarOutbound = stepwise(planSidecar, stepSidecar);

function planSidecar(mesh: Mesh, client: Client): ProxyView {
  const { config } = mesh;
  const { scope } = client;
  const imports = importsOf(mesh, client);
  const outbound = scope?.outboundPolicy ?? config.outboundPolicy;
  const outlook = outlookOf(mesh, client, imports);
  const context: TableContext = { mesh, client, imports, outbound, outlook };
  const { clusters, endpoints, secrets } = planOutbound(outlook);
  const captured = client.interceptionMode !== "NONE";

  const listeners: ListenerPlan[] = captured ? [planVirtualOutbound(context)] : [];
  const tables = new Map<string, RouteTablePlan>();
  const explicit = scope?.egress?.filter((egress) => egress.port !== undefined) ?? [];
  const open = scope?.egress?.filter((egress) => egress.port === undefined) ?? [];
  // What listeners with a port expose is exposed there alone.
  const rest = explicit.length > 0 ? { ...context, imports: importsOfEgress(mesh, client, open) } : context;
  for (const egress of explicit) {
    const { port } = egress;
    if (!port) continue;
    const part = { ...context, imports: importsOfEgress(mesh, client, [egress]) };
    const binds = egress.captureMode === "none" || !captured;
    const address = egress.bind ?? (binds ? client.local : undefined);
    if (address === undefined) listeners.push(...planPortListeners(part, port, egress.origin));
    else {
      const listener = planBoundListener(part, address, port, binds, [egress.origin]);
      if (listener) listeners.push(listener);
    }
    if (isHttp(port.protocol)) {
      const own =
        port.protocol === "auto" && address === undefined ? planServiceTables(part, port.number) : [];
      for (const table of [planPortTable(part, port.number), ...own]) tables.set(table.name, table);
    }
  }
  if (captured) {
    const named = new Set(listeners.map(({ name }) => name));
    const shared = planServiceListeners(rest, rest.imports.services).filter(({ name }) => !named.has(name));
    listeners.push(...shared);
    const ports = httpPorts(rest).filter((port) => isSharedPort(rest, port));
    for (const table of [...ports.map((port) => planPortTable(rest, port)), ...planServiceTables(rest)]) {
      if (!tables.has(table.name)) tables.set(table.name, table);
    }
  }
  if (config.proxyHttpPort > 0) {
    listeners.push(planHttpProxy(context));
    const table = planProxyTable(rest);
    tables.set(table.name, table);
  }
  return {
    clusters: keepClusters(config, client, "", byName([...clusters, ...builtInClusters(config)])),
    endpoints: keepEndpoints(config, client, "", byClusterName(endpoints)),
    listeners: keptListeners(config, client, byName(withoutRepeatedPorts(listeners))),
    routeTables: keepTables(config, client, "", byName([...tables.values()])),
    secrets: byName(secrets),
  };
}

function stepSidecar(advance: Advance<ProxyView>, client: Client): ProxyView | undefined {
  const imports = stepImports(advance, client);
  const lists = imports && stepClusters(advance, client, imports);
  const routeTables = lists && stepTables(advance, client, imports);
  const made = routeTables && stepListeners(advance, client, imports);
  if (!lists || !routeTables || !made) return undefined;
  const { after, planned } = advance;
  const { config } = after;
  const listeners = made === planned.listeners ? made : keptListeners(config, client, made);
  if (holds(planned, { ...lists, routeTables, listeners })) return planned;
  return {
    ...planned,
    ...keptLists(config, client, lists, planned),
    routeTables: keepTables(config, client, "", routeTables, planned.routeTables),
    listeners,
  };
}

const keepClusters = keepLists(({ name }: ClusterPlan) => name);
const keepEndpoints = keepLists(({ clusterName }: EndpointsPlan) => clusterName);
const keepListeners = keepLists(({ name }: ListenerPlan) => name);
const keepTables = keepLists(({ name }: RouteTablePlan) => name);
const keepListener = keepPlans<ListenerPlan>(sameTree);

function keptListeners(config: MeshConfig, client: Client, made: readonly ListenerPlan[]) {
  return keepListeners(
    config,
    client,
    "",
    made.map((plan) => keepListener(config, client, plan.name, plan)),
  );
}

/** What a gateway may send to, shared by all gateways that are equal as clients. */
export const routerOutbound = stepwise(planRouter, (advance: Advance<ProxyView>, client: Client) => {
  const { after, planned } = advance;
  const imports = stepImports(advance, client);
  const lists = imports && stepClusters(advance, client, imports);
  if (!lists || holds(planned, lists)) return lists && planned;
  return { ...planned, ...keptLists(after.config, client, lists, planned) };
});

/** Whether a step has changed nothing of these. */
function holds(planned: ProxyView, lists: Partial<ProxyView>): boolean {
  return Object.entries(lists).every(([name, list]) => planned[name as keyof ProxyView] === list);
}

type Lists = Pick<ProxyView, "clusters" | "endpoints">;

function keptLists(config: MeshConfig, client: Client, { clusters, endpoints }: Lists, before: Lists): Lists {
  return {
    clusters: keepClusters(config, client, "", clusters, before.clusters),
    endpoints: keepEndpoints(config, client, "", endpoints, before.endpoints),
  };
}

function planRouter(mesh: Mesh, client: Client): ProxyView {
  const { config } = mesh;
  const outlook = outlookOf(mesh, client, importsOf(mesh, client));
  const { clusters, endpoints, secrets } = planOutbound(outlook);
  return {
    clusters: keepClusters(config, client, "", byName([...clusters, ...builtInClusters(config)])),
    endpoints: keepEndpoints(config, client, "", byClusterName(endpoints)),
    listeners: [],
    routeTables: [],
    secrets: byName(secrets),
  };
}
