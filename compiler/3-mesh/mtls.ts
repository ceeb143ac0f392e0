// Which mutual TLS a workload's port asks for: workload policy, else namespace, else mesh, else permissive.

import { type Labels, selects } from "../model/labels.ts";
import type { MtlsMode, MtlsPolicy } from "../model/security.ts";
import type { Mesh } from "./mesh.ts";

/** The mode in force on one port of the workloads with these labels. `port` is the workload's own (target) port. */
export function mtlsMode(mesh: Mesh, namespace: string, labels: Labels, port: number | undefined): MtlsMode {
  const ofWorkload = mesh.mtlsPolicies.find(
    (policy) =>
      policy.selector !== undefined &&
      (policy.namespace === namespace || policy.namespace === mesh.config.rootNamespace) &&
      selects(policy.selector, labels),
  );
  const ofPort = port === undefined ? undefined : ofWorkload?.portModes[port];
  return ofPort ?? ofWorkload?.mode ?? namespaceMtlsMode(mesh, namespace);
}

/** The mode of a namespace's workloads that no narrower policy selects. */
export function namespaceMtlsMode(mesh: Mesh, namespace: string): MtlsMode {
  const without = (ns: string): MtlsPolicy | undefined =>
    mesh.mtlsPolicies.find(
      (policy) => policy.namespace === ns && policy.selector === undefined && policy.mode,
    );
  return without(namespace)?.mode ?? without(mesh.config.rootNamespace)?.mode ?? "permissive";
}
