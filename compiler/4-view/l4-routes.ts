// TLS and TCP routing of one service port: which chains a listener needs, and where each leads.

import { nearestFirst } from "../3-mesh/order.ts";
import { hostCovers, hostsOverlap } from "../model/host.ts";
import { selects } from "../model/labels.ts";
import type { L4Match } from "../model/match.ts";
import { blackHoleCluster, outboundCluster } from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { L4Rule, RouteSet } from "../model/routes.ts";
import type { MeshService, ServicePort } from "../model/service.ts";
import { anyMatch, chain, tcpTerminal } from "./chains.ts";
import { type ResolvedDestination, resolveDestination, resolvePort } from "./destinations.ts";
import { namesOf } from "./host-domains.ts";
import type { FilterChainPlan } from "./plan/index.ts";
import type { TableContext } from "./virtual-hosts.ts";

/** Where a rule may apply. */
export interface L4Site {
  readonly gateway: string;
  readonly port: number;
}

/**
 * Chains for a port that carries TLS end to end: one per SNI rule, and one for the service's own name unless the rules are for all that it
 * stands for: those for some hosts of a wildcard leave it the others. With an address of its own (`alone`) the service needs no SNI to be
 * told apart.
 */
export function planTlsChains(
  context: TableContext,
  service: MeshService,
  port: ServicePort,
  alone: boolean,
): readonly FilterChainPlan[] {
  const isOver = (host: string) => hostsOverlap(host, service.hostname);
  const routed = setsWith(context, isOver).map((set) => ({
    set,
    chains: planRuleChains(context, set, port.number),
  }));
  const chains = routed.flatMap((each) => each.chains);
  const isForAll = ({ hosts }: RouteSet) => hosts.some((host) => hostCovers(host, service.hostname));
  if (routed.some((each) => each.chains.length > 0 && isForAll(each.set))) return chains;
  const own = planServiceChain(context, service, port);
  if (alone) return [...chains, own];
  const serverNames = serverNamesFor([service.hostname, ...otherNames(context, service, port)]);
  const byName = serverNames && {
    ...own,
    match: { ...anyMatch, serverNames, transportProtocol: "tls" as const },
  };
  return byName ? [...chains, byName] : chains;
}

/** A chain for each match of a set's TLS rules that holds for this client at this port. */
function planRuleChains(context: TableContext, set: RouteSet, port: number): readonly FilterChainPlan[] {
  return set.tls.flatMap((rule) =>
    matchesHere(context, set, rule.matches, { gateway: "mesh", port }).flatMap((match) => {
      const serverNames = serverNamesFor(match.sniHosts);
      if (!serverNames) return [];
      return chain(
        match.sniHosts.join(","),
        {
          ...anyMatch,
          serverNames,
          prefixRanges: match.destinationSubnets.map(asCidr),
          transportProtocol: "tls",
        },
        ruleTerminal(context, rule, port),
        [set.origin, rule.origin],
      );
    }),
  );
}

/** What else a client may call a service by that has no address: names of ExternalName services that stand for it. */
function otherNames({ imports, client }: TableContext, { hostname }: MeshService, port: ServicePort) {
  const aliases = imports.aliases.get(hostname) ?? [];
  return aliases.flatMap((each) =>
    namesOf(each, port.number, each.namespace === client.namespace, true, false),
  );
}

/**
 * SNI values as Envoy matches them: names, and wildcards for whole labels. Empty: any will do; undefined: none of these
 * can be matched.
 */
export function serverNamesFor(hosts: readonly string[]): readonly string[] | undefined {
  if (hosts.includes("*")) return [];
  const names = [...new Set(hosts)].filter((host) => !host.startsWith("*") || host.startsWith("*."));
  return names.length > 0 ? names : undefined;
}

/** Chains for a TCP port: what TCP rules say, else straight to the service. The last one takes the rest. */
export function planTcpChains(
  context: TableContext,
  service: MeshService,
  port: ServicePort,
): readonly FilterChainPlan[] {
  const chains: FilterChainPlan[] = [];
  // Without names connections cannot be told apart: rules for some hosts of a wildcard are for none of its connections.
  for (const set of setsWith(context, (host) => hostCovers(host, service.hostname))) {
    for (const rule of set.tcp) {
      const site = { gateway: "mesh", port: port.number };
      const matches = rule.matches.length > 0 ? matchesHere(context, set, rule.matches, site) : [undefined];
      if (rule.matches.length === 0 && !set.gateways.includes("mesh")) continue;
      for (const match of matches) {
        const subnets = match?.destinationSubnets ?? [];
        const made = chain(
          outboundCluster(port.number, undefined, service.hostname),
          {
            ...anyMatch,
            prefixRanges: subnets.map(asCidr),
            sourcePrefixRanges: match?.sourceSubnet ? [asCidr(match.sourceSubnet)] : [],
          },
          ruleTerminal(context, rule, port.number),
          [set.origin, rule.origin],
        );
        chains.push(made);
        if (subnets.length === 0 && !match?.sourceSubnet) return chains;
      }
    }
  }
  return [...chains, planServiceChain(context, service, port)];
}

/** Straight to the service's own cluster. */
export function planServiceChain(
  context: TableContext,
  service: MeshService,
  port: ServicePort,
): FilterChainPlan {
  const { mesh, client } = context;
  const found = resolvePort(mesh, client, service, port);
  const { cluster } = found;
  const terminal = tcpTerminal(mesh.config, cluster, [{ cluster, weight: 1 }], tcpOptions(found));
  return chain(cluster, anyMatch, terminal, [service.origin]);
}

/** The end of a rule's chain, whatever listener it is on. */
export function ruleTerminal(context: TableContext, rule: L4Rule, port: number) {
  const { mesh, client, imports } = context;
  const serving = rule.destinations
    .filter(({ weight }) => weight > 0)
    .map(({ destination, weight }) => ({
      found: resolveDestination(mesh, client, imports.serviceByHost, destination, port),
      weight,
    }));
  const clusters = serving.map(({ found, weight }) => ({
    cluster: found?.cluster ?? blackHoleCluster,
    weight,
  }));
  const [first, second] = clusters;
  if (!first) return tcpTerminal(mesh.config, blackHoleCluster, [{ cluster: blackHoleCluster, weight: 1 }]);
  // Envoy has one idle timeout and one hash for all of them, so that only a single destination can have its own.
  const only = second ? undefined : serving[0]?.found;
  return tcpTerminal(
    mesh.config,
    second ? (rule.destinations[0]?.destination.host ?? "") : first.cluster,
    clusters,
    only && tcpOptions(only),
  );
}

function tcpOptions({ idleTimeoutMs, hash }: ResolvedDestination) {
  return {
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
    hashSourceIp: hash?.type === "source-ip",
  };
}

function setsWith(
  { imports, client }: TableContext,
  isMeant: (host: string) => boolean,
): readonly RouteSet[] {
  const sets = imports.routeSets.filter(({ hosts }) => hosts.some(isMeant));
  return nearestFirst(sets, client.namespace);
}

/** The matches that hold for this client at this listener. Who calls is nothing to a gateway, which cannot know. */
export function matchesHere(
  context: TableContext,
  set: { readonly gateways: readonly string[]; readonly origin: Origin },
  matches: readonly L4Match[],
  site: L4Site,
): readonly L4Match[] {
  const { client } = context;
  return matches.filter((match) => {
    if (!(match.gateways ?? set.gateways).includes(site.gateway)) return false;
    if (match.port !== undefined && match.port !== site.port) return false;
    if (site.gateway !== "mesh") return true;
    if (match.sourceNamespace !== undefined && match.sourceNamespace !== client.namespace) return false;
    return selects(match.sourceLabels, client.labels);
  });
}

/** `10.1.2.3` → `10.1.2.3/32`. */
export function asCidr(subnet: string): string {
  if (subnet.includes("/")) return subnet;
  return subnet.includes(":") ? `${subnet}/128` : `${subnet}/32`;
}
