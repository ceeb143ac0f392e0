// Facts in, Mesh out. Joining only: what does not fit together is reported by references/. Each part of the mesh is made once
// of the lists that it depends on, so that a change of routes makes no service anew.

import { mapItems } from "#immutable";
import type { DestinationPolicy } from "../model/destination.ts";
import type { FilterPolicyFact, MeshNamespace } from "../model/fact.ts";
import type { Labels } from "../model/labels.ts";
import { internLists, memoizeByIdentity } from "../model/memo.ts";
import { defaultMeshConfig, type MeshConfig } from "../model/mesh-config.ts";
import type { Credential } from "../model/security.ts";
import type { MeshService, Workload } from "../model/service.ts";
import { type DelegateProblem, mergeDelegates } from "./delegates.ts";
import { destinationsByHost } from "./destinations.ts";
import { joinEndpoints, type Listings, listingsOf } from "./endpoints.ts";
import type { FactIndex } from "./fact-index.ts";
import { mergeServices } from "./merge-services.ts";
import type { Mesh } from "./mesh.ts";

export interface MeshBuild {
  readonly mesh: Mesh;
  readonly delegateProblems: readonly DelegateProblem[];
}

/**
 * `config` wins over a mesh config found among the facts: it is the one given on the command line. `listings` are those of
 * the index by service, for whoever has them already.
 */
export function buildMesh(
  index: FactIndex,
  config?: MeshConfig,
  listings: Listings = listingsOf({ sets: index.endpoints, entries: index["listed-endpoints"] }),
): MeshBuild {
  const namespaces = byName(index.namespace);
  const workloads = injecting(namespaces)(index.workload);
  const { services, parts, servicesByHost } = joinServices(index.service);
  const { routeSets, problems } = mergeDelegates(index.routes);
  const { lists, keys } = destinationsByHost(index.destination);
  const mesh: Mesh = {
    config: config ?? index["mesh-config"][0] ?? defaultMeshConfig,
    namespaces,
    services,
    servicesByHost,
    workloads,
    routeSets,
    destinations: index.destination,
    destinationsByHost: byHost(keys, lists),
    destinationWildcards: wildcardsAmong(keys),
    gateways: index.gateway,
    scopes: index.scope,
    mtlsPolicies: index.mtls,
    filterPolicies: groupPolicies(index["filter-policy"]),
    credentials: byKey(index.credential),
    endpointsOf: joinEndpoints(listings, workloads, parts),
  };
  return { mesh, delegateProblems: problems };
}

const byName = memoizeByIdentity(
  (namespaces: readonly MeshNamespace[]): ReadonlyMap<string, MeshNamespace> =>
    new Map(namespaces.map((namespace) => [namespace.name, namespace])),
);

const byKey = memoizeByIdentity(
  (credentials: readonly Credential[]): ReadonlyMap<string, Credential> =>
    new Map(credentials.map((each) => [`${each.namespace}/${each.name}`, each])),
);

const joinServices = memoizeByIdentity((found: readonly MeshService[]) => {
  const { services, parts } = mergeServices(found);
  const groups = Map.groupBy(services, ({ hostname }) => hostname);
  const servicesByHost = new Map(groups.entries().map(([host, group]) => [host, internServices(group)]));
  return { services, parts, servicesByHost };
});

/** Of a host whose services are what they were the same list. */
const internServices = internLists<MeshService>();

const injecting = memoizeByIdentity((namespaces: ReadonlyMap<string, MeshNamespace>) =>
  mapItems((workload: Workload) => withInjection(workload, namespaces.get(workload.namespace))),
);

/** A namespace with injection turned on gives every pod in it a sidecar, unless the pod opts out. */
function withInjection(workload: Workload, namespace: MeshNamespace | undefined): Workload {
  if (workload.mtls || workload.source === "inline" || workload.source === "entry" || !namespace)
    return workload;
  const enabled = namespace.labels["istio-injection"] === "enabled" || "istio.io/rev" in namespace.labels;
  if (!enabled || workload.hostNetwork || optsOut(workload.labels, workload.annotations)) return workload;
  return injected(workload);
}

function optsOut(labels: Labels, annotations: Labels): boolean {
  const key = "sidecar.istio.io/inject";
  return (
    labels[key] === "false" ||
    annotations[key] === "false" ||
    labels["security.istio.io/tlsMode"] === "disabled"
  );
}

const injected = memoizeByIdentity((workload: Workload): Workload => ({ ...workload, mtls: true }));

const byHost = memoizeByIdentity(
  (hosts: readonly string[], lists: readonly (readonly DestinationPolicy[])[]): Mesh["destinationsByHost"] =>
    new Map(hosts.map((host, index) => [host, lists[index] ?? []])),
);

const wildcardsAmong = memoizeByIdentity((hosts: readonly string[]) =>
  hosts.filter((host) => host.startsWith("*")),
);

const groupPolicies = memoizeByIdentity((policies: readonly FilterPolicyFact[]) =>
  Map.groupBy(policies, ({ policy }) => policy),
);
