// Endpoints of one cluster as a client should see them: subset chosen, localities grouped, priorities and weights set.

import { mtlsModeAmong } from "../3-mesh/mtls.ts";
import type { LocalityLb } from "../model/destination.ts";
import { type Labels, type Locality, selects, valueAt } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { MtlsPolicy } from "../model/security.ts";
import type { Endpoint } from "../model/service.ts";
import { compareText } from "../model/text-order.ts";
import type { EndpointPlan, EndpointsPlan, LocalityPlan } from "./plan/index.ts";

/** Where the client is and what its policy makes of that; absent when locality plays no part. */
export interface LocalityView {
  readonly client: Locality;
  readonly settings: LocalityLb;
  /** Priorities need ejection to ever move on, so Istio sets them only with outlier detection. */
  readonly failover: boolean;
  readonly clientLabels: Labels;
}

/** `mtlsPolicies` are all that there are when one of them turns mutual TLS off somewhere, else none. */
export const planEndpoints = memoizeByIdentity(
  (
    endpoints: readonly Endpoint[],
    clusterName: string,
    subsetLabels: Labels | undefined,
    mtlsPolicies: readonly MtlsPolicy[],
    rootNamespace: string,
    view: LocalityView | undefined,
  ): EndpointsPlan => {
    const chosen = endpoints.filter((each) => !subsetLabels || selects(subsetLabels, each.labels));
    const groups = new Map<string, Endpoint[]>();
    for (const endpoint of chosen) {
      const key = `${priorityOf(endpoint, view)}|${localityText(endpoint.locality)}`;
      const group = groups.get(key);
      if (group) group.push(endpoint);
      else groups.set(key, [endpoint]);
    }
    const localities = [...groups.entries()]
      .map(([key, members]): LocalityPlan => {
        const locality = members[0]?.locality;
        return {
          ...(locality ? { locality } : {}),
          priority: Number(key.split("|")[0]),
          endpoints: members.map((each) => planEndpoint(each, mtlsPolicies, rootNamespace)),
        };
      })
      .sort(
        (a, b) => a.priority - b.priority || compareText(localityText(a.locality), localityText(b.locality)),
      );
    const origins = [...new Map(chosen.map(({ origin }) => [JSON.stringify(origin), origin])).values()];
    return { clusterName, localities: closeGaps(distribute(localities, view)), origins };
  },
);

function planEndpoint(
  endpoint: Endpoint,
  mtlsPolicies: readonly MtlsPolicy[],
  rootNamespace: string,
): EndpointPlan {
  const { namespace, labels, port } = endpoint;
  const plainText = () => mtlsModeAmong(mtlsPolicies, rootNamespace, namespace, labels, port) === "disable";
  return {
    address: endpoint.address,
    port,
    weight: endpoint.weight,
    state: endpoint.state,
    mtls: endpoint.mtls && !plainText(),
    workload: workloadText(endpoint),
    namespace,
    labels,
  };
}

/** Istio's order: the label made for it, Kubernetes' recommended one, the customary one. */
const canonicalNames = ["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"];
const canonicalRevisions = ["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"];

/** `name;namespace;canonical name;canonical revision;cluster`, as telemetry made for Istio reads it. */
function workloadText({ workload, namespace, labels }: Endpoint): string {
  if (workload === "") return "";
  const first = (keys: readonly string[], otherwise: string) =>
    keys.map((key) => labels[key]).find((value) => value !== undefined) ?? otherwise;
  const name = first(canonicalNames, workload);
  return [workload, namespace, name, first(canonicalRevisions, "latest"), "Kubernetes"].join(";");
}

function localityText(locality: Locality | undefined): string {
  return locality ? `${locality.region}/${locality.zone}/${locality.subzone}` : "";
}

/** Priorities must be consecutive from 0 (Envoy's rule for load assignments). */
function closeGaps(localities: readonly LocalityPlan[]): readonly LocalityPlan[] {
  const used = [...new Set(localities.map(({ priority }) => priority))];
  return localities.map((each) => ({ ...each, priority: used.indexOf(each.priority) }));
}

function priorityOf(endpoint: Endpoint, view: LocalityView | undefined): number {
  if (!view?.failover || view.settings.distribute.length > 0) return 0;
  const { client, settings } = view;
  if (settings.failoverPriority.length > 0) return labelPriority(endpoint, view);
  const at = endpoint.locality ?? { region: "", zone: "", subzone: "" };
  if (at.region === client.region && at.zone === client.zone && at.subzone === client.subzone) return 0;
  if (at.region === client.region && at.zone === client.zone) return 1;
  if (at.region === client.region) return 2;
  const preferred = settings.failover.find(({ from }) => from === client.region)?.to;
  if (preferred === undefined || preferred === at.region) return 3;
  return 4;
}

/** Priority = how many of the listed labels, from the first on, the endpoint does not share with the client. */
function labelPriority(endpoint: Endpoint, { client, settings, clientLabels }: LocalityView): number {
  const { failoverPriority } = settings;
  for (const [index, entry] of failoverPriority.entries()) {
    const [key = "", fixed] = entry.split("=");
    const wanted = fixed ?? topologyLabel(key, clientLabels, client);
    const found = topologyLabel(key, endpoint.labels, endpoint.locality);
    if (wanted !== found) return failoverPriority.length - index;
  }
  return 0;
}

/** Where a workload runs is not among its labels in files, yet policy may name it as if it were. */
function topologyLabel(key: string, labels: Labels, locality: Locality | undefined): string | undefined {
  switch (key) {
    case "topology.kubernetes.io/region":
      return labels[key] ?? (locality?.region || undefined);
    case "topology.kubernetes.io/zone":
      return labels[key] ?? (locality?.zone || undefined);
    case "topology.istio.io/subzone":
      return labels[key] ?? (locality?.subzone || undefined);
    default:
      return valueAt(labels, key);
  }
}

/**
 * The shares that the policy gives to localities as seen from the client's. Localities under one pattern divide its
 * share by their endpoints' weights; those under none get nothing.
 */
function distribute(
  localities: readonly LocalityPlan[],
  view: LocalityView | undefined,
): readonly LocalityPlan[] {
  const rule = view?.settings.distribute.find(({ from }) => localityCovers(from, localityText(view.client)));
  if (!rule) return localities;
  const patterns = Object.keys(rule.to).sort();
  const patternOf = ({ locality }: LocalityPlan) =>
    patterns.find((pattern) => localityCovers(pattern, localityText(locality)));
  const sizes = new Map<string, number>();
  for (const each of localities) {
    const pattern = patternOf(each);
    if (pattern !== undefined) sizes.set(pattern, (sizes.get(pattern) ?? 0) + sizeOf(each));
  }
  return localities.flatMap((each) => {
    const pattern = patternOf(each);
    const share = pattern === undefined ? 0 : (rule.to[pattern] ?? 0);
    if (pattern === undefined || share === 0) return [];
    return { ...each, weight: Math.ceil((share * sizeOf(each)) / (sizes.get(pattern) ?? 1)) };
  });
}

function sizeOf({ endpoints }: LocalityPlan): number {
  return endpoints.reduce((sum, { weight }) => sum + Math.max(1, weight), 0);
}

/** `us-west/*` and `us-west` cover `us-west/zone1/sub`; `*` covers everything. */
function localityCovers(pattern: string, locality: string): boolean {
  const parts = locality.split("/");
  return pattern.split("/").every((part, index) => part === "*" || part === parts[index]);
}
