// Every proxy that the files imply, so that a repository can be compiled for all of them without a server.

import type { Mesh } from "../3-mesh/mesh.ts";
import { isIP } from "../model/address.ts";
import { type Labels, selects } from "../model/labels.ts";
import type { InterceptionMode } from "../model/mesh-config.ts";
import type { Workload } from "../model/service.ts";
import type { MeshProxy } from "./proxy.ts";

/** One per workload that may have a proxy, and one per gateway selector that no workload answers to. Sorted by id. */
export function proxiesOf(mesh: Mesh): readonly MeshProxy[] {
  const running = mesh.workloads.filter(({ source }) => source !== "inline" && source !== "template");
  const templates = mesh.workloads.filter(
    (template) =>
      template.source === "template" &&
      !running.some((pod) => pod.namespace === template.namespace && selects(template.labels, pod.labels)),
  );
  const workloads = [...running, ...templates].filter(mayHaveProxy);
  const proxies = new Map<string, MeshProxy>();
  for (const workload of workloads) {
    const proxy = proxyOf(mesh, workload);
    if (!proxies.has(proxy.id)) proxies.set(proxy.id, proxy);
  }
  for (const proxy of impliedGateways(mesh, workloads))
    if (!proxies.has(proxy.id)) proxies.set(proxy.id, proxy);
  return [...proxies.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Injection leaves alone what opts out, and pods on their host's network, whose traffic is not theirs alone. */
function mayHaveProxy({ labels, annotations, hostNetwork, mtls }: Workload): boolean {
  const inject = "sidecar.istio.io/inject";
  if (labels[inject] === "false" || (annotations[inject] === "false" && labels[inject] === undefined))
    return false;
  return !hostNetwork || mtls;
}

/** The proxy in front of a workload: a router when some gateway selects it, else a sidecar. */
export function proxyOf(mesh: Pick<Mesh, "gateways" | "config">, workload: Workload): MeshProxy {
  const router =
    workload.annotations["inject.istio.io/templates"] === "gateway" ||
    mesh.gateways.some(
      ({ selector }) => Object.keys(selector).length > 0 && selects(selector, workload.labels),
    );
  const ip = workload.addresses.find((address) => isIP(address)) ?? "";
  return {
    id: `${workload.name}.${workload.namespace}`,
    type: router ? "router" : "sidecar",
    name: workload.name,
    namespace: workload.namespace,
    ip,
    labels: workload.labels,
    serviceAccount: workload.serviceAccount === "" ? "default" : workload.serviceAccount,
    ...(workload.locality ? { locality: workload.locality } : {}),
    interceptionMode: interceptionMode(workload.annotations) ?? mesh.config.proxy.interceptionMode,
    hasIdentity: true,
  };
}

function interceptionMode(annotations: Labels): InterceptionMode | undefined {
  const written = annotations["sidecar.istio.io/interceptionMode"];
  return written === "REDIRECT" || written === "TPROXY" || written === "NONE" ? written : undefined;
}

/** Gateway pods often come with the installation: their selector is all that the files know of them. */
function impliedGateways(mesh: Mesh, workloads: readonly Workload[]): readonly MeshProxy[] {
  return mesh.gateways.flatMap((gateway) => {
    const { selector } = gateway;
    if (Object.keys(selector).length === 0) return [];
    if (workloads.some(({ labels }) => selects(selector, labels))) return [];
    const names = Object.entries(selector)
      .sort()
      .map(([key, value]) => (key === "istio" ? `istio-${value}` : value));
    const name = [...new Set(names)].join("-");
    const namespace = "istio" in selector ? mesh.config.rootNamespace : gateway.namespace;
    return [
      {
        id: `${name}.${namespace}`,
        type: "router" as const,
        name,
        namespace,
        ip: "",
        labels: selector,
        serviceAccount: `${name}-service-account`,
        interceptionMode: "REDIRECT" as const,
        hasIdentity: true,
      },
    ];
  });
}
