// What a small change did to a mesh: whose endpoints or destination policies are other ones, and the services, route sets, policies
// and workloads that came and went. In: two meshes. Out: the step between them, or undefined where more than that has changed. A
// step is a promise: whatever depends on nothing that it names is what it was.

import { changesOf } from "#immutable";
import type { Labels } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { RouteSet } from "../model/routes.ts";
import type { Workload } from "../model/service.ts";
import type { Mesh } from "./mesh.ts";
import { turnMtlsOff } from "./mtls.ts";

export interface MeshStep {
  /** Weakly, or every mesh would keep all those before it. */
  readonly before: WeakRef<Mesh>;
  /** Hosts of services that came, went or have other versions; none has a wildcard. */
  readonly services: ReadonlySet<string>;
  /** Hosts of services that have other endpoints. */
  readonly endpoints: ReadonlySet<string>;
  /** Hosts for which destination policies are other ones; none has a wildcard. */
  readonly policies: ReadonlySet<string>;
  /** Old and new versions alike, here and below. */
  readonly routeSets: readonly RouteSet[];
  /** Policies for workloads: mutual TLS, filters. Those who call these workloads need not know. */
  readonly workloadPolicies: readonly WorkloadPolicy[];
  readonly workloads: readonly Workload[];
  /** Whether there are other gateways. */
  readonly gateways: boolean;
  /** Whether there are other certificates from files. */
  readonly credentials: boolean;
}

/** For the workloads of its namespace, or of all if that is the root namespace, which it selects. */
interface WorkloadPolicy {
  readonly namespace: string;
  readonly selector?: Labels;
}

/** The parts of a mesh that a step says nothing about, so that they have to be the same objects. */
const unmoved = ["config", "namespaces", "scopes"] as const satisfies readonly (keyof Mesh)[];

/** `endpoints` are the hosts of which it is known that their endpoint objects changed. */
export function stepBetween(before: Mesh, after: Mesh, endpoints: ReadonlySet<string>): MeshStep | undefined {
  if (unmoved.some((part) => before[part] !== after[part])) return undefined;
  const policies = changedKeys(before.destinationsByHost, after.destinationsByHost);
  if ([...policies].some((host) => host.includes("*"))) return undefined;
  const mtlsPolicies = changedItems(before.mtlsPolicies, after.mtlsPolicies);
  if (mtlsPolicies.length > 0 && [before, after].some((mesh) => turnMtlsOff(mesh.mtlsPolicies))) {
    return undefined;
  }
  const services = changedItems(before.services, after.services);
  // What is sent to any host may lead to one with a wildcard.
  const isWild = services.some(({ hostname }) => hostname.includes("*"));
  if (isWild || services.length > mostServices) return undefined;
  const workloads = changedItems(before.workloads, after.workloads);
  return {
    before: new WeakRef(before),
    services: new Set(services.map(({ hostname }) => hostname)),
    endpoints: endpoints.union(hostsServedBy(workloads, before, after)),
    policies,
    routeSets: changedItems(before.routeSets, after.routeSets),
    workloadPolicies: [...mtlsPolicies, ...changedFilters(before, after)],
    workloads,
    gateways: before.gateways !== after.gateways,
    credentials: before.credentials !== after.credentials,
  };
}

/** Whoever sees so many services come and go had better look at all. */
const mostServices = 64;

/** Workloads serve services of their own namespace. */
function hostsServedBy(workloads: readonly Workload[], before: Mesh, after: Mesh): ReadonlySet<string> {
  const services = servicesByNamespace(after.services);
  const namespaces = new Set(workloads.map(({ namespace }) => namespace));
  const touched = [...namespaces]
    .flatMap((namespace) => services.get(namespace) ?? [])
    .filter((service) =>
      service.ports.some(
        ({ number }) => before.endpointsOf(service, number) !== after.endpointsOf(service, number),
      ),
    );
  return new Set(touched.map(({ hostname }) => hostname));
}

const servicesByNamespace = memoizeByIdentity((services: Mesh["services"]) =>
  Map.groupBy(services, ({ namespace }) => namespace),
);

function changedFilters(before: Mesh, after: Mesh): readonly WorkloadPolicy[] {
  if (before.filterPolicies === after.filterPolicies) return [];
  const kinds = new Set([...before.filterPolicies.keys(), ...after.filterPolicies.keys()]);
  return [...kinds].flatMap((kind) =>
    changedItems(before.filterPolicies.get(kind) ?? [], after.filterPolicies.get(kind) ?? []),
  );
}

function changedKeys(
  before: ReadonlyMap<string, readonly object[]>,
  after: ReadonlyMap<string, readonly object[]>,
): ReadonlySet<string> {
  if (before === after) return new Set();
  const differs = (host: string) => {
    const [old, now] = [before.get(host) ?? [], after.get(host) ?? []];
    return old.length !== now.length || old.some((each, index) => each !== now[index]);
  };
  return new Set([...before.keys(), ...after.keys()].filter(differs));
}

function changedItems<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  if (before === after) return [];
  const changes = changesOf(after);
  if (changes?.before === before) {
    return [before, after].flatMap((list) => changes.places.map((place) => list[place] as T));
  }
  const [old, now] = [new Set(before), new Set(after)];
  return [...before.filter((each) => !now.has(each)), ...after.filter((each) => !old.has(each))];
}

/** Whoever is so many steps behind starts anew. */
const maxSteps = 16;

const steps = new WeakMap<Mesh, WeakMap<Mesh, { readonly step: MeshStep | undefined }>>();

/**
 * The step that leads from one mesh to the other, if there is one: of several in a row, what any of them changed. The same
 * object for everybody who makes it.
 */
export function stepFrom(before: Mesh, after: Mesh): MeshStep | undefined {
  if (after.step?.before.deref() === before) return after.step;
  const fromBefore = steps.getOrInsertComputed(before, () => new WeakMap());
  return fromBefore.getOrInsertComputed(after, () => ({ step: findStep(before, after) })).step;
}

function findStep(before: Mesh, after: Mesh): MeshStep | undefined {
  const steps: MeshStep[] = [];
  for (let mesh = after; mesh !== before; ) {
    const previous = mesh.step?.before.deref();
    if (!mesh.step || !previous || steps.length === maxSteps) return undefined;
    steps.push(mesh.step);
    mesh = previous;
  }
  const [last, ...earlier] = steps;
  return last && earlier.reduce(joinSteps, last);
}

function joinSteps(later: MeshStep, earlier: MeshStep): MeshStep {
  return {
    before: earlier.before,
    services: earlier.services.union(later.services),
    endpoints: earlier.endpoints.union(later.endpoints),
    policies: earlier.policies.union(later.policies),
    routeSets: [...earlier.routeSets, ...later.routeSets],
    workloadPolicies: [...earlier.workloadPolicies, ...later.workloadPolicies],
    workloads: [...earlier.workloads, ...later.workloads],
    gateways: earlier.gateways || later.gateways,
    credentials: earlier.credentials || later.credentials,
  };
}
