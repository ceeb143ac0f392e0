// Whether what routes lead to exists: the host, its port, its subset.

import { mapItems } from "#immutable";
import { nearestName } from "../../2-validate/nearest-name.ts";
import type { Diagnostic } from "../../diagnostics/index.ts";
import type { DestinationPolicy } from "../../model/destination.ts";
import { hostCovers } from "../../model/host.ts";
import { memoizeByIdentity, sameItems } from "../../model/memo.ts";
import type { Destination, RouteSet } from "../../model/routes.ts";
import type { MeshService } from "../../model/service.ts";
import type { Mesh } from "../mesh.ts";
import { mirrorsOf } from "../mirrors.ts";
import { at } from "./report.ts";

type Reads = Pick<Mesh, "config" | "services" | "servicesByHost" | "routeSets" | "destinations">;

export function checkDestinations(mesh: Reads): readonly Diagnostic[] {
  const { config, services, servicesByHost, destinations } = mesh;
  const targets = targetsOf(config, services, servicesByHost, subsetNames(destinations));
  return checkSets(targets)(mesh.routeSets).flat();
}

/** What routes may lead to. */
interface Targets extends Pick<Reads, "config" | "services" | "servicesByHost"> {
  /** By the host that destination policies are written for. */
  readonly subsets: ReadonlyMap<string, readonly string[]>;
  /** Of those hosts the ones that stand for several. */
  readonly wildcards: readonly string[];
}

/** Of each policy its host and its subsets, as JSON: a text, which is mostly what it was. */
const subsetNames = mapItems(({ host, subsets }: DestinationPolicy): string =>
  JSON.stringify([host, ...subsets.map(({ name }) => name)]),
);

const targetsOf = memoizeByIdentity(
  (
    config: Reads["config"],
    services: Reads["services"],
    servicesByHost: Reads["servicesByHost"],
    named: readonly string[],
  ): Targets => {
    const subsets = subsetsByHost(named);
    const wildcards = [...subsets.keys()].filter((host) => host.includes("*"));
    return { config, services, servicesByHost, subsets, wildcards };
  },
);

const subsetsByHost = memoizeByIdentity((named: readonly string[]): Targets["subsets"] => {
  const subsets = new Map<string, string[]>();
  for (const each of named) {
    const [host, ...names]: readonly [string, ...string[]] = JSON.parse(each);
    subsets.getOrInsertComputed(host, () => []).push(...names);
  }
  return subsets;
});

/** A set that is what it was is not looked at again while what it may lead to is. */
const checkSets = memoizeByIdentity((targets: Targets) =>
  mapItems((set: RouteSet) => checkSet(targets, set)),
);

interface Checked {
  readonly seen: readonly unknown[];
  readonly found: readonly Diagnostic[];
}

const checked = new WeakMap<RouteSet, Checked>();

function checkSet(targets: Targets, set: RouteSet): readonly Diagnostic[] {
  const seen = seenBy(targets, set);
  const before = seen && checked.get(set);
  if (seen && before && sameItems(before.seen, seen)) return before.found;
  const found = destinationsOf(set).flatMap(({ destination, listenerPorts }) =>
    checkDestination(targets, destination, listenerPorts),
  );
  if (seen) checked.set(set, { seen, found });
  return found;
}

/** All that a verdict on a set depends on, where there is each host that it leads to: otherwise it depends on every name. */
function seenBy({ servicesByHost, subsets }: Targets, set: RouteSet): readonly unknown[] | undefined {
  const services = destinationsOf(set).map(({ destination }) => servicesByHost.get(destination.host));
  return services.includes(undefined) ? undefined : [subsets, ...services];
}

interface Use {
  readonly destination: Destination;
  /** Ports that the matches in front of it name; empty when any may lead here. */
  readonly listenerPorts: readonly number[];
}

const destinationsOf = memoizeByIdentity((set: RouteSet): readonly Use[] => {
  const http = set.http.flatMap((rule) => {
    const listenerPorts = rule.matches.flatMap(({ port }) => port ?? []);
    const forwarded = rule.action.type === "forward" ? rule.action.destinations : [];
    return [
      ...forwarded.map((each) => each.destination),
      ...mirrorsOf(rule).map((each) => each.destination),
    ].map((destination) => ({ destination, listenerPorts }));
  });
  const l4 = [...set.tls, ...set.tcp].flatMap((rule) =>
    rule.destinations.map(({ destination }) => ({
      destination,
      listenerPorts: rule.matches.flatMap(({ port }) => port ?? []),
    })),
  );
  return [...http, ...l4];
});

function checkDestination(
  mesh: Targets,
  destination: Destination,
  ports: readonly number[],
): readonly Diagnostic[] {
  const { host, origin } = destination;
  const services = servicesFor(mesh, host);
  if (services.length === 0) return [unknownHost(mesh, destination)];
  const found: Diagnostic[] = [];
  const offered = services.flatMap((service) => service.ports.map(({ number }) => number));
  if (destination.port !== undefined && !offered.includes(destination.port)) {
    found.push(
      at("port-not-found", origin, `${host} has no port ${destination.port}; requests sent there get 503`, {
        help: `its ports: ${[...new Set(offered)].sort((a, b) => a - b).join(", ")}`,
      }),
    );
  } else if (destination.port === undefined && needsPort(services, ports)) {
    found.push(
      at("port-not-found", origin, `${host} has several ports, and the destination does not say which one`, {
        help: "add destination.port.number",
        severity: "warning",
      }),
    );
  }
  const { subset } = destination;
  if (subset !== undefined) {
    const subsets = subsetsOf(mesh, services);
    if (!subsets.includes(subset)) found.push(unknownSubset(destination, subset, subsets));
  }
  return found;
}

/** A route without a port takes that of its listener, which need not be one of the destination's. */
function needsPort(services: readonly MeshService[], listenerPorts: readonly number[]): boolean {
  return (
    listenerPorts.length > 0 &&
    services.every(
      ({ ports }) =>
        ports.length > 1 && !listenerPorts.some((port) => ports.some(({ number }) => number === port)),
    )
  );
}

function servicesFor(mesh: Targets, host: string): readonly MeshService[] {
  const exact = mesh.servicesByHost.get(host);
  if (exact) return exact;
  return mesh.services.filter(({ hostname }) => hostname.startsWith("*") && hostCovers(hostname, host));
}

/**
 * An error where the files claim to know the host's surroundings: its namespace has Kubernetes services, or for a name
 * outside the cluster, the mesh has entries for such names. Policy that is validated apart from its services gets a
 * warning.
 */
function unknownHost(mesh: Targets, { host, origin }: Destination): Diagnostic {
  const suffix = `.svc.${mesh.config.domainSuffix}`;
  const namespace = host.endsWith(suffix) ? host.slice(0, -suffix.length).split(".").at(-1) : undefined;
  const surroundings = mesh.services.filter((service) =>
    namespace === undefined
      ? service.registry === "entry"
      : service.namespace === namespace && service.registry === "kubernetes",
  );
  const names = mesh.services.map(({ hostname }) => hostname);
  const nearest = nearestName(host, names);
  const guess = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  if (surroundings.length > 0) {
    return at("host-not-found", origin, `no service is called ${host}; requests sent there get 503${guess}`, {
      severity: "error",
    });
  }
  const where =
    namespace === undefined
      ? "these files have no entries for outside hosts"
      : `namespace ${namespace} has no services in these files`;
  return at("host-not-found", origin, `cannot check ${host}: ${where}`, {
    help: "give the folder that holds the services too, if it is not meant to be elsewhere",
  });
}

function subsetsOf(mesh: Targets, services: readonly MeshService[]): readonly string[] {
  const { subsets, wildcards } = mesh;
  const names = services.flatMap(({ hostname }) =>
    [...wildcards.filter((host) => hostCovers(host, hostname)), hostname].flatMap(
      (host) => subsets.get(host) ?? [],
    ),
  );
  return [...new Set(names)].sort();
}

function unknownSubset(destination: Destination, subset: string, known: readonly string[]): Diagnostic {
  const nearest = nearestName(subset, known);
  const guess = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return at(
    "subset-not-found",
    destination.origin,
    `${destination.host} has no subset "${subset}"; requests sent there get 503${guess}`,
    {
      help:
        known.length > 0 ? `its subsets: ${known.join(", ")}` : "no destination policy defines any for it",
    },
  );
}
