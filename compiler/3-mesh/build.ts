// Facts in, Mesh out. Sorting and joining only: what does not fit together is reported by references.ts.

import type { DestinationPolicy } from "../model/destination.ts";
import type { Fact, FilterPolicyFact, MeshNamespace } from "../model/fact.ts";
import type { Labels } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import { defaultMeshConfig, type MeshConfig } from "../model/mesh-config.ts";
import type { MeshService, Workload } from "../model/service.ts";
import { compareText } from "../model/text-order.ts";
import { type DelegateProblem, mergeDelegates } from "./delegates.ts";
import { joinEndpoints } from "./endpoints.ts";
import { mergeServices } from "./merge-services.ts";
import type { Mesh } from "./mesh.ts";
import { compareNames, compareOrigins, oldestFirst } from "./order.ts";

export interface MeshBuild {
  readonly mesh: Mesh;
  readonly delegateProblems: readonly DelegateProblem[];
}

/** `config` wins over a mesh config found among the facts: it is the one given on the command line. */
export function buildMesh(facts: readonly Fact[], config?: MeshConfig): MeshBuild {
  const of = <T extends Fact["type"]>(type: T) =>
    facts.flatMap((fact) => (fact.type === type ? [fact.value as Extract<Fact, { type: T }>["value"]] : []));

  const effective = config ?? of("mesh-config")[0] ?? defaultMeshConfig;
  const namespaces = new Map(of("namespace").map((namespace) => [namespace.name, namespace]));
  const workloads = of("workload")
    .map((workload) => withInjection(workload, namespaces.get(workload.namespace)))
    .sort(compareNames);
  const { services, parts } = mergeServices(
    [...oldestFirst(of("service"))].sort((a, b) => compareText(a.hostname, b.hostname)),
  );
  const { routeSets, problems } = mergeDelegates(oldestFirst(of("routes")));
  const destinationsByHost = groupDestinations(oldestFirst(of("destination")));
  const filterPolicies = new Map<string, FilterPolicyFact[]>();
  for (const policy of oldestFirst(of("filter-policy"))) {
    const list = filterPolicies.get(policy.policy);
    if (list) list.push(policy);
    else filterPolicies.set(policy.policy, [policy]);
  }
  const servicesByHost = new Map<string, MeshService[]>();
  for (const service of services) {
    const list = servicesByHost.get(service.hostname);
    if (list) list.push(service);
    else servicesByHost.set(service.hostname, [service]);
  }
  const mesh: Mesh = {
    config: effective,
    namespaces,
    services,
    servicesByHost,
    workloads,
    routeSets,
    destinationsByHost,
    destinationWildcards: [...destinationsByHost.keys()].filter((host) => host.startsWith("*")),
    gateways: oldestFirst(of("gateway")),
    scopes: oldestFirst(of("scope")),
    mtlsPolicies: oldestFirst(of("mtls")),
    filterPolicies,
    credentials: new Map(of("credential").map((each) => [`${each.namespace}/${each.name}`, each])),
    endpointsOf: joinEndpoints({ endpointSets: of("endpoints").toSorted(compareOrigins), workloads, parts }),
  };
  return { mesh, delegateProblems: problems };
}

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

function groupDestinations(
  policies: readonly DestinationPolicy[],
): ReadonlyMap<string, readonly DestinationPolicy[]> {
  const groups = new Map<string, DestinationPolicy[]>();
  for (const policy of policies) {
    const group = groups.get(policy.host);
    if (group) group.push(policy);
    else groups.set(policy.host, [policy]);
  }
  return groups;
}
