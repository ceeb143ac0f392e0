// What a pod, or the template of one, says of the workload that it runs. Kubernetes' own schema has thousands of fields,
// of which these few matter; the rest is not looked at.

import type { Labels } from "../../model/labels.ts";
import type { Workload } from "../../model/service.ts";
import { parseLocality, speaksMtls } from "./mesh-endpoint.ts";
import { at, compact, type Place, readFlag, readItems, readNumber, readText } from "./place.ts";

const injectKey = "sidecar.istio.io/inject";
const statusAnnotation = "sidecar.istio.io/status";
const sidecarContainer = "istio-proxy";
const localityLabel = "istio-locality";
const networkLabel = "topology.istio.io/network";

/** The part of a workload that its pod spec and metadata decide. */
export type PodWorkload = Pick<
  Workload,
  | "labels"
  | "annotations"
  | "serviceAccount"
  | "ports"
  | "locality"
  | "network"
  | "weight"
  | "mtls"
  | "hostNetwork"
  | "nodeName"
>;

export function readPodSpec(spec: Place, labels: Labels, annotations: Labels): PodWorkload {
  const containers = [
    ...readItems(at(spec, "containers")),
    // Native sidecars are init containers that go on running.
    ...readItems(at(spec, "initContainers")).filter(
      (each) => readText(at(each, "restartPolicy")) === "Always",
    ),
  ];
  const locality = labels[localityLabel];
  return compact<PodWorkload>({
    labels,
    annotations,
    serviceAccount:
      readText(at(spec, "serviceAccountName")) ?? readText(at(spec, "serviceAccount")) ?? "default",
    ports: namedPorts(containers),
    locality: locality === undefined ? undefined : parseLocality(locality.replaceAll(".", "/")),
    network: labels[networkLabel],
    weight: 0,
    mtls: speaksMtls(labels, hasSidecar(spec, containers, labels, annotations)),
    hostNetwork: readFlag(at(spec, "hostNetwork")) === true ? true : undefined,
    nodeName: readText(at(spec, "nodeName")),
  });
}

/** The first container that uses a name has it. */
function namedPorts(containers: readonly Place[]): Readonly<Record<string, number>> {
  const ports = new Map<string, number>();
  for (const container of containers) {
    for (const port of readItems(at(container, "ports"))) {
      const name = readText(at(port, "name"));
      const number = readNumber(at(port, "containerPort"));
      if (name !== undefined && number !== undefined) ports.getOrInsert(name, number);
    }
  }
  return Object.fromEntries([...ports].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Injected already, or asking for it; pods on the host's network are never injected. */
function hasSidecar(spec: Place, containers: readonly Place[], labels: Labels, annotations: Labels): boolean {
  if (annotations[statusAnnotation] !== undefined) return true;
  if (containers.some((container) => readText(at(container, "name")) === sidecarContainer)) return true;
  if (readFlag(at(spec, "hostNetwork")) === true) return false;
  return (labels[injectKey] ?? annotations[injectKey]) === "true";
}
