// Whether a small step of the mesh concerns what is a proxy's own: a sidecar's inbound half, a gateway's listeners. In: the step,
// the meshes, the proxy. Out: yes where it may.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { MeshStep } from "../3-mesh/step.ts";
import { selects } from "../model/labels.ts";
import type { MeshService, Workload } from "../model/service.ts";
import { askedLabels } from "./client.ts";
import { isBelowHttp, setsLeadingTo } from "./leading-routes.ts";
import type { MeshProxy } from "./proxy.ts";

/** `before` and `after` are the meshes of the step. */
export function concerns(step: MeshStep, before: Mesh, after: Mesh, proxy: MeshProxy): boolean {
  const { asksOtherLabels, listensOtherwise, services } = reaches.getOrInsertComputed(step, () =>
    reachOf(step, before, after),
  );
  if (asksOtherLabels || (listensOtherwise && proxy.type === "router")) return true;
  return (
    step.workloads.some((workload) => isBehind(workload, proxy)) ||
    step.workloadPolicies.some((policy) => isUnder(policy, after.config.rootNamespace, proxy)) ||
    services.some((service) => servedBy(service, before, after, proxy))
  );
}

/** As in `workloadOf`. */
function isBehind({ namespace, name, addresses }: Workload, proxy: MeshProxy): boolean {
  return namespace === proxy.namespace && (name === proxy.name || addresses.includes(proxy.ip));
}

function isUnder(
  { namespace, selector }: MeshStep["workloadPolicies"][number],
  rootNamespace: string,
  proxy: MeshProxy,
): boolean {
  return (
    (namespace === proxy.namespace || namespace === rootNamespace) && selects(selector ?? {}, proxy.labels)
  );
}

/** What of a step may concern anybody's own: the same for every proxy. */
interface Reach {
  /** Clients may be equal to others now. */
  readonly asksOtherLabels: boolean;
  /** Gateways may: they listen for what gateway objects say with the certificates that these name, and say where TCP and TLS go. */
  readonly listensOtherwise: boolean;
  /** Services that came or went, or have other versions, endpoints or policies. */
  readonly services: readonly MeshService[];
}

/** A step leads from one mesh to one other. */
const reaches = new WeakMap<MeshStep, Reach>();

function reachOf(step: MeshStep, before: Mesh, after: Mesh): Reach {
  const hosts = step.endpoints.union(step.policies).union(step.services);
  return {
    asksOtherLabels: askedLabels(before) !== askedLabels(after),
    listensOtherwise:
      step.gateways ||
      step.credentials ||
      [...step.routeSets, ...setsLeadingTo(after.routeSets, step.policies.union(step.services))].some(
        isBelowHttp,
      ),
    services: [...new Set([before, after].flatMap((mesh) => servicesOf(mesh, hosts)))],
  };
}

function servicesOf({ servicesByHost }: Mesh, hosts: ReadonlySet<string>): readonly MeshService[] {
  return [...hosts].flatMap((host) => servicesByHost.get(host) ?? []);
}

/** A service is a workload's by its selector, else by the address among its endpoints: now, or before the step. */
function servedBy(service: MeshService, before: Mesh, after: Mesh, proxy: MeshProxy): boolean {
  if (service.namespace !== proxy.namespace) return false;
  if (service.selector && selects(service.selector, proxy.labels)) return true;
  return (
    proxy.ip !== "" &&
    service.ports.some(({ number }) =>
      [before, after].some((mesh) =>
        mesh.endpointsOf(service, number).some(({ address }) => address === proxy.ip),
      ),
    )
  );
}
