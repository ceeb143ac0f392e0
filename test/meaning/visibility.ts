// What a client's sidecar knows and what it makes of it, as Istio's reference says it: what is exported to its namespace; of that, what its
// `Sidecar` asks for; of several VirtualServices for a host one; of DestinationRules those of one namespace. In: services, VirtualServices, DestinationRules, Sidecars and a request. Out: who answers, and by which of them.

import { type Exported, isSeenFrom, openness } from "./export-to.ts";
import { closest, covers } from "./hosts.ts";
import { rootNamespace, rulesFor } from "./lookup.ts";

export interface Service extends Exported {
  readonly host: string;
  /** What its only workload is called. */
  readonly server: string;
}

export interface Routes extends Exported {
  readonly name: string;
  /** Exact, or `*.` and the end of a name. */
  readonly host: string;
  /** Where it leads everything. Without it, it answers by itself. */
  readonly destination?: { readonly host: string; readonly subset?: string };
}

export interface Rule extends Exported {
  readonly name: string;
  readonly host: string;
  readonly policy?: string;
  /** Policies by subset; undefined is that of the whole. */
  readonly subsets: Readonly<Record<string, string | undefined>>;
}

export interface World {
  readonly services: readonly Service[];
  /** Oldest first, and rules likewise. */
  readonly routes: readonly Routes[];
  readonly rules: readonly Rule[];
  /** `hosts` of a namespace's Sidecar. */
  readonly egress: Readonly<Record<string, readonly string[] | undefined>>;
  /** The mesh's `exportTo` for those without. */
  readonly defaults: Readonly<Record<"services" | "routes" | "rules", readonly string[] | undefined>>;
}

export interface Outcome {
  readonly status: number;
  /** Undefined where a proxy answers. */
  readonly server: string | undefined;
  readonly routes: string | undefined;
  readonly policy: string | undefined;
}

const nobody = { server: undefined, routes: undefined, policy: undefined };

/** `client` is its namespace. */
export function outcomeOf(
  world: World,
  { client, host }: { readonly client: string; readonly host: string },
): Outcome {
  const egress = world.egress[client] ?? world.egress[rootNamespace] ?? ["*/*"];
  const isImported = (object: Service | Routes) => egress.some((each) => asksFor(each, client, object));
  const services = visible(world.services, world.defaults.services, client);
  const imported = services.filter(isImported);
  // Routes for a host that no service has make it known; those for a pattern do only if there is no service at all under it.
  const isNamed = serviceOf(imported, host, client) !== undefined;
  const isOf = ({ host }: Routes) => isNamed || !imported.some((service) => covers(host, service.host));
  const [routes] = closest(
    visible(world.routes, world.defaults.routes, client).filter((each) => isImported(each) && isOf(each)),
    host,
  ).toSorted((a, b) => openness(a, client) - openness(b, client));
  if (!isNamed && !routes) return { status: 502, ...nobody };
  if (routes && !routes.destination) return { ...nobody, status: 200, routes: routes.name };

  const { host: to, subset } = routes?.destination ?? { host, subset: undefined };
  // What a route needs is there, though no Sidecar asks for it.
  const service = serviceOf(imported, to, client) ?? serviceOf(services, to, client);
  const lost = { ...nobody, status: 503 };
  if (!service) return lost;
  const rule = ruleFor(visible(world.rules, world.defaults.rules, client), service, client);
  if (subset !== undefined && !rule.subsets.has(subset)) return lost;
  const policy = (subset === undefined ? undefined : rule.subsets.get(subset)) ?? rule.policy;
  return { status: 200, server: service.server, routes: routes?.name, policy };
}

/** Each with the `exportTo` in force. */
function visible<T extends Exported>(
  all: readonly T[],
  byDefault: readonly string[] = ["*"],
  client: string,
): readonly T[] {
  return all
    .map((each) => ({ ...each, exportTo: each.exportTo ?? byDefault }))
    .filter((each) => isSeenFrom(client, each));
}

/** "namespace/dnsName": `*`, `.` and `~` are any, its own and no namespace. */
function asksFor(egress: string, client: string, { namespace, host }: Service | Routes): boolean {
  const [from = "", pattern = ""] = egress.split("/");
  const isFrom = from === "*" || (from === "." ? client : from) === namespace;
  return isFrom && (covers(pattern, host) || covers(host, pattern));
}

/** Of several namespaces that have the host, its own, else the first by name. */
function serviceOf(services: readonly Service[], host: string, client: string): Service | undefined {
  const named = services.filter((service) => service.host === host);
  return named.find(({ namespace }) => namespace === client) ?? named[0];
}

interface Merged {
  readonly policy: string | undefined;
  readonly subsets: ReadonlyMap<string, string | undefined>;
}

/**
 * The rules merged: of policies and of subsets of one name, the first counts. So it is for all that a client sees. Where their `exportTo` differ istiod keeps them apart and takes the youngest, which no page says.
 */
function ruleFor(rules: readonly Rule[], service: Service, client: string): Merged {
  const merged = rulesFor(rules, service, client);
  return {
    policy: merged.find(({ policy }) => policy !== undefined)?.policy,
    subsets: new Map(merged.toReversed().flatMap(({ subsets }) => Object.entries(subsets))),
  };
}
