// Listeners of a gateway proxy, and which route tables they ask for, from every gateway object that selects it.

import { targetPort } from "../3-mesh/endpoints.ts";
import type { Mesh } from "../3-mesh/mesh.ts";
import { opensTls, transportOf } from "../3-mesh/server-transport.ts";
import { compareSpecificity } from "../model/host.ts";
import { selects } from "../model/labels.ts";
import { gatewayRoutes, listenerName } from "../model/names.ts";
import { anyMatch, chain, httpTerminal, listenerLogOf } from "./chains.ts";
import { acceptedHosts, type BoundServer, setsBoundTo } from "./gateway-hosts.ts";
import { planGatewayTls } from "./gateway-tls.ts";
import { servicesOf, workloadOf } from "./inbound-ports.ts";
import { matchesHere, ruleTerminal, serverNamesFor } from "./l4-routes.ts";
import { passthroughChains } from "./passthrough.ts";
import type { EffectivePolicy, FilterChainPlan, ListenerPlan, SecretPlan } from "./plan/index.ts";
import { type MeshProxy, wildcardAddress } from "./proxy.ts";
import { separateChains } from "./separate-chains.ts";
import type { TableContext } from "./virtual-hosts.ts";

/** By the name of the table. */
export type GatewayTables = ReadonlyMap<string, readonly BoundServer[]>;

export interface GatewayPlan {
  readonly listeners: readonly ListenerPlan[];
  /** The route tables that these ask for, each with the servers it is for. */
  readonly tables: GatewayTables;
  readonly secrets: readonly SecretPlan[];
}

/** Servers that this proxy serves, grouped by the address and port they listen on. */
export function serversByListener(mesh: Mesh, proxy: MeshProxy): ReadonlyMap<string, readonly BoundServer[]> {
  const groups = new Map<string, BoundServer[]>();
  for (const gateway of mesh.gateways) {
    if (!selects(gateway.selector, proxy.labels)) continue;
    for (const server of gateway.servers) {
      const name = listenerName(
        server.bind ?? wildcardAddress(proxy),
        listenPort(mesh, proxy, server.port.number),
      );
      const group = groups.get(name);
      if (group) group.push({ gateway, server });
      else groups.set(name, [{ gateway, server }]);
    }
  }
  return groups;
}

/** A gateway's service may map port 80 to 8080 of the pod: then that is where the proxy listens, as with Istio. */
function listenPort(mesh: Mesh, proxy: MeshProxy, port: number): number {
  for (const service of servicesOf(mesh, proxy)) {
    const mapped = service.ports.find(({ number }) => number === port);
    const target = mapped && targetPort(service, mapped, workloadOf(mesh, proxy));
    if (target !== undefined) return target;
  }
  return port;
}

export function planGateway(
  context: TableContext,
  proxy: MeshProxy,
  policies: readonly EffectivePolicy[],
): GatewayPlan {
  const listeners: ListenerPlan[] = [];
  const tables = new Map<string, readonly BoundServer[]>();
  const secrets = new Map<string, SecretPlan>();
  for (const [name, servers] of serversByListener(context.mesh, proxy)) {
    const [first] = servers;
    if (!first) continue;
    const sameTransport = servers.filter(({ server }) => transportOf(server) === transportOf(first.server));
    const chains =
      transportOf(first.server) === "http"
        ? plainHttpChains(context, proxy, name, sameTransport, tables)
        : tlsOrTcpChains(context, proxy, name, sameTransport, tables, secrets);
    const distinct = separateChains(chains);
    dropUnasked(tables, chains, distinct);
    if (distinct.length === 0) continue;
    const port = listenPort(context.mesh, proxy, first.server.port.number);
    listeners.push({
      name,
      direction: "outbound",
      address: first.server.bind ?? wildcardAddress(proxy),
      port,
      bindToPort: true,
      readsOriginalDst: false,
      handsOff: false,
      detectTls: transportOf(first.server) === "tls",
      detectHttp: false,
      detectionTimeoutMs: 0,
      chains: distinct.map((each) => ({ ...each, policies, terminal: atGateway(each.terminal) })),
      ...listenerLogOf(context.mesh.config),
      origins: sameTransport.map(({ gateway }) => gateway.origin),
    });
  }
  return {
    listeners: listeners.sort((a, b) => (a.name < b.name ? -1 : 1)),
    tables,
    secrets: [...secrets.values()],
  };
}

/** Tables of servers of which nothing is left, since others had their names before. */
function dropUnasked(
  tables: Map<string, readonly BoundServer[]>,
  planned: readonly FilterChainPlan[],
  kept: readonly FilterChainPlan[],
): void {
  const asked = new Set(kept.flatMap(tableOf));
  for (const name of planned.flatMap(tableOf)) if (!asked.has(name)) tables.delete(name);
}

function tableOf({ terminal }: FilterChainPlan): readonly string[] {
  return terminal.type === "http" && terminal.routes.type === "rds" ? [terminal.routes.name] : [];
}

function atGateway(terminal: FilterChainPlan["terminal"]): FilterChainPlan["terminal"] {
  return terminal.type === "tcp" ? { ...terminal, role: "gateway" } : terminal;
}

function plainHttpChains(
  context: TableContext,
  proxy: MeshProxy,
  listener: string,
  servers: readonly BoundServer[],
  tables: Map<string, readonly BoundServer[]>,
): readonly FilterChainPlan[] {
  const [first] = servers;
  const port = listenPort(context.mesh, proxy, first?.server.port.number ?? 0);
  const name = gatewayRoutes({ scheme: "http", port, ...bindOf(first) });
  tables.set(name, servers);
  const terminal = httpTerminal(context.mesh.config, {
    statPrefix: `outbound_${listener}`,
    routes: { type: "rds", name },
    role: "gateway",
    forwardClientCert: "sanitize-set",
  });
  return [
    chain(
      listener,
      anyMatch,
      terminal,
      servers.map(({ gateway }) => gateway.origin),
    ),
  ];
}

/** What passes TLS through is planned together, in the place of the first: names are told apart across servers. */
function tlsOrTcpChains(
  context: TableContext,
  proxy: MeshProxy,
  listener: string,
  servers: readonly BoundServer[],
  tables: Map<string, readonly BoundServer[]>,
  secrets: Map<string, SecretPlan>,
): readonly FilterChainPlan[] {
  const passing = servers.filter(({ server }) => !opensTls(server) && server.tls?.mode);
  return servers.flatMap((bound) => {
    if (!passing.includes(bound)) return serverChains(context, proxy, listener, bound, tables, secrets);
    return bound === passing[0] ? passthroughChains(context, passing) : [];
  });
}

function serverChains(
  context: TableContext,
  proxy: MeshProxy,
  listener: string,
  bound: BoundServer,
  tables: Map<string, readonly BoundServer[]>,
  secrets: Map<string, SecretPlan>,
): readonly FilterChainPlan[] {
  const { gateway, server } = bound;
  const origins = [gateway.origin, server.origin];
  if (!opensTls(server)) return tcpChains(context, listener, bound);
  const secured = planGatewayTls(context.mesh, proxy, server);
  if (!secured) return [];
  for (const secret of secured.secrets) secrets.set(secret.name, secret);
  const serverNames = serverNamesFor(server.hosts.map(({ host }) => host).sort(compareSpecificity));
  if (!serverNames) return [];
  const match = { ...anyMatch, serverNames, transportProtocol: "tls" as const };
  if (server.port.protocol !== "https" && server.port.protocol !== "http") {
    return tcpChains(context, listener, bound).map((each) => ({ ...each, match, tls: secured.tls }));
  }
  const name = gatewayRoutes({
    scheme: "https",
    port: server.port.number,
    portName: server.port.name,
    gateway: gateway.name,
    namespace: gateway.namespace,
    ...bindOf(bound),
  });
  tables.set(name, [bound]);
  const terminal = httpTerminal(context.mesh.config, {
    statPrefix: `outbound_${listener}`,
    routes: { type: "rds", name },
    role: "gateway",
    forwardClientCert: "sanitize-set",
  });
  return [{ ...chain(name, match, terminal, origins), tls: secured.tls }];
}

function bindOf(bound: BoundServer | undefined): { readonly bind?: string } {
  return bound?.server.bind === undefined ? {} : { bind: bound.server.bind };
}

/** The first rule that applies takes every connection: TCP has nothing to tell them apart by. */
function tcpChains(context: TableContext, listener: string, bound: BoundServer): readonly FilterChainPlan[] {
  const { gateway, server } = bound;
  const site = { gateway: gateway.key, port: server.port.number };
  for (const set of setsBoundTo(context, bound)) {
    if (acceptedHosts(bound, set).length === 0) continue;
    for (const rule of set.tcp) {
      if (rule.matches.length > 0 && matchesHere(context, set, rule.matches, site).length === 0) continue;
      return [
        chain(listener, anyMatch, ruleTerminal(context, rule, server.port.number), [
          gateway.origin,
          set.origin,
          rule.origin,
        ]),
      ];
    }
  }
  return [];
}
