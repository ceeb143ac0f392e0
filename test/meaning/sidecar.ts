// Which Sidecar a workload has and whom it reaches by that, without interception, as Istio's reference says it, and istiod where that is
// silent: listeners for some hosts alone, the explicit proxy for the rest, and what becomes of hosts that nothing names. In: Sidecars,
// services, rules and a call. Out: who answers, on what sort of listener.

import { covers } from "./hosts.ts";
import {
  type Addresses,
  type Ingress,
  ingressOutcome,
  isAt,
  isHttpPort,
  type Listener,
  type Outcome,
  type Pool,
  type Rule,
  type Workload,
} from "./sidecar-ingress.ts";

export type Mode = "ALLOW_ANY" | "REGISTRY_ONLY";

export interface Egress extends Omit<Listener, "port"> {
  readonly port?: Listener["port"];
  readonly hosts: readonly string[];
}

export interface Sidecar {
  readonly namespace: string;
  /** Of two the one with the lower number is the older. */
  readonly age: number;
  readonly spec: {
    readonly workloadSelector?: { readonly labels: Readonly<Record<string, string>> };
    readonly ingress?: readonly Ingress[];
    readonly egress?: readonly Egress[];
    readonly outboundTrafficPolicy?: { readonly mode?: Mode };
    readonly inboundConnectionPool?: Pool;
  };
}

export interface Service {
  readonly namespace: string;
  readonly host: string;
  readonly ports: Readonly<Record<number, "HTTP" | "TCP">>;
  /** Its only workload: what it is called, or one with a sidecar, on ports of the same numbers. */
  readonly server: string | Workload;
}

export interface World {
  readonly sidecars: readonly Sidecar[];
  /** Oldest first. */
  readonly services: readonly Service[];
  readonly rules: readonly Rule[];
  /** The mesh's. */
  readonly mode: Mode | undefined;
}

/** To a port of a workload's; without an address by way of its explicit proxy. */
export interface Call {
  readonly at: Workload;
  readonly address: string | undefined;
  readonly port: number;
  readonly host: string;
}

export const rootNamespace = "istio-system";

export function outcomeOf(world: World, addresses: Addresses, { at, address, port, host }: Call): Outcome {
  const spec = sidecarOf(world.sidecars, at)?.spec ?? {};
  const { egress = [{ hosts: ["*/*"] }], outboundTrafficPolicy: own } = spec;
  // A policy without a mode has the first one of the enumeration.
  const mode = own ? (own.mode ?? "REGISTRY_ONLY") : (world.mode ?? "ALLOW_ANY");
  const known = (services: readonly Service[]) =>
    services.find((each) => each.host === host && each.ports[port] === "HTTP");
  if (address === undefined) {
    // What listeners with a port expose is nothing to the others (istiod: GetEgressListenerForRDS).
    const service = known(
      servicesOf(
        world,
        egress.find((each) => !each.port),
        at,
      ),
    );
    if (service) return reached(world, addresses, service, port, "HTTP");
    if (mode === "REGISTRY_ONLY") return { status: 502 };
    const server = addresses[`${host}:${port}`];
    return server === undefined ? { status: 503 } : { status: 200, server, protocol: "HTTP" };
  }
  const inbound = ingressOutcome(spec, world.rules, addresses, { at, address, port });
  if (inbound) return inbound;
  const listener = egress.find((each) => each.port && isAt({ ...each, port: each.port }, at, address, port));
  // "The port, if specified, will be used as the default destination port": who does not have it is not there, and nobody makes no
  // listener (istiod: serviceMatchingListenerPort, buildSidecarOutboundListeners).
  const services = servicesOf(world, listener, at).filter(({ ports }) => ports[port]);
  const [oldest] = services;
  if (!listener?.port || !oldest) return { status: -1 };
  if (!isHttpPort(listener.port)) return reached(world, addresses, oldest, port, "TCP");
  const service = known(services);
  if (service) return reached(world, addresses, service, port, "HTTP");
  // Where nothing is redirected there is no original destination to go on to.
  return { status: mode === "ALLOW_ANY" ? 503 : 502 };
}

/** "Preference will be given to the resource with a workloadSelector that selects this workload"; of several to the oldest, with istiod. */
export function sidecarOf(
  sidecars: readonly Sidecar[],
  { namespace, labels }: Workload,
): Sidecar | undefined {
  const oldest = (within: string, isFor: (sidecar: Sidecar) => boolean) =>
    sidecars.filter((each) => each.namespace === within && isFor(each)).toSorted((a, b) => a.age - b.age)[0];
  const isForAll = ({ spec }: Sidecar) => !spec.workloadSelector;
  const selects = ({ spec: { workloadSelector } }: Sidecar) =>
    workloadSelector !== undefined &&
    Object.entries(workloadSelector.labels).every(([key, value]) => labels[key] === value);
  return oldest(namespace, selects) ?? oldest(namespace, isForAll) ?? oldest(rootNamespace, isForAll);
}

/** "namespace/dnsName": `*`, `.` and `~` are any, the workload's own and no namespace. */
function servicesOf(
  { services }: World,
  egress: Egress | undefined,
  { namespace }: Workload,
): readonly Service[] {
  return services.filter((service) =>
    egress?.hosts.some((each) => {
      const [from = "", pattern = ""] = each.split("/");
      const isFrom = from === "*" || (from === "." ? namespace : from) === service.namespace;
      return isFrom && covers(pattern, service.host);
    }),
  );
}

/** Where the other sidecar does not answer, the caller's does. */
function reached(
  world: World,
  addresses: Addresses,
  { server, host }: Service,
  port: number,
  protocol: "HTTP" | "TCP",
): Outcome {
  if (typeof server === "string") return { status: 200, server, protocol };
  const there = outcomeOf(world, addresses, { at: server, address: server.address, port, host });
  if (there.server !== undefined) return { status: 200, server: there.server, protocol };
  return { status: there.status > 0 ? there.status : 503 };
}
