// Endpoints of one cluster as a client should see them: subset chosen, localities grouped, priorities and weights set.

import type { LocalityLb } from "../model/destination.ts";
import { type Labels, type Locality, selects } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { MtlsPolicy } from "../model/security.ts";
import type { Endpoint } from "../model/service.ts";
import type { EndpointPlan, EndpointsPlan, LocalityPlan } from "./plan/index.ts";

/** Where the client is and what its policy makes of that; absent when locality plays no part. */
export interface LocalityView {
  readonly client: Locality;
  readonly settings: LocalityLb;
  /** Priorities need ejection to ever move on, so Istio sets them only with outlier detection. */
  readonly failover: boolean;
  readonly clientLabels: Labels;
}

/** `plainTextPolicies` are those that turn mutual TLS off somewhere; empty when none does. */
export const planEndpoints = memoizeByIdentity(
  (
    endpoints: readonly Endpoint[],
    clusterName: string,
    subsetLabels: Labels | undefined,
    plainTextPolicies: readonly MtlsPolicy[],
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
      .map(([key, members]) => planLocality(Number(key.split("|")[0]), members, plainTextPolicies, view))
      .sort(
        (a, b) => a.priority - b.priority || compareText(localityText(a.locality), localityText(b.locality)),
      );
    const origins = [...new Map(chosen.map(({ origin }) => [JSON.stringify(origin), origin])).values()];
    return { clusterName, localities: closeGaps(localities), origins };
  },
);

function planLocality(
  priority: number,
  members: readonly Endpoint[],
  plainTextPolicies: readonly MtlsPolicy[],
  view: LocalityView | undefined,
): LocalityPlan {
  const locality = members[0]?.locality;
  const weight = distributedWeight(locality, view);
  return {
    ...(locality ? { locality } : {}),
    priority,
    ...(weight === undefined ? {} : { weight }),
    endpoints: members.map((each) => planEndpoint(each, plainTextPolicies)),
  };
}

function planEndpoint(endpoint: Endpoint, plainTextPolicies: readonly MtlsPolicy[]): EndpointPlan {
  return {
    address: endpoint.address,
    port: endpoint.port,
    weight: endpoint.weight,
    state: endpoint.state,
    mtls: endpoint.mtls && !plainTextPolicies.some((policy) => turnsOff(policy, endpoint)),
    workload: workloadText(endpoint),
    namespace: endpoint.namespace,
    labels: endpoint.labels,
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

function turnsOff(policy: MtlsPolicy, endpoint: Endpoint): boolean {
  if (!policy.selector || !selects(policy.selector, endpoint.labels)) return false;
  if (policy.namespace !== endpoint.namespace) return false;
  return (policy.portModes[endpoint.port] ?? policy.mode) === "disable";
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
function labelPriority(endpoint: Endpoint, { settings, clientLabels }: LocalityView): number {
  const { failoverPriority } = settings;
  for (const [index, entry] of failoverPriority.entries()) {
    const [key = "", fixed] = entry.split("=");
    if (endpoint.labels[key] !== (fixed ?? clientLabels[key])) return failoverPriority.length - index;
  }
  return 0;
}

function distributedWeight(
  locality: Locality | undefined,
  view: LocalityView | undefined,
): number | undefined {
  if (!view) return undefined;
  const rule = view.settings.distribute.find(({ from }) => localityCovers(from, localityText(view.client)));
  if (!rule) return undefined;
  const target = Object.entries(rule.to).find(([to]) => localityCovers(to, localityText(locality)));
  return target?.[1] ?? 0;
}

/** `us-west/*` and `us-west` cover `us-west/zone1/sub`; `*` covers everything. */
function localityCovers(pattern: string, locality: string): boolean {
  const parts = locality.split("/");
  return pattern.split("/").every((part, index) => part === "*" || part === parts[index]);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
