// Which mutual TLS a workload's port asks for: workload policy, else namespace, else mesh, else permissive. In the root namespace only what
// has no selector counts.

import { type Labels, selects } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { Origin } from "../model/origin.ts";
import type { MtlsMode, MtlsPolicy } from "../model/security.ts";
import type { Mesh } from "./mesh.ts";

/** Whether one of them turns mutual TLS off somewhere. Only then do they matter to those who call, who find out about the rest. */
export const turnMtlsOff = memoizeByIdentity((policies: readonly MtlsPolicy[]): boolean =>
  policies.some(({ mode, portModes }) => mode === "disable" || Object.values(portModes).includes("disable")),
);

/** The mode in force on one port of the workloads with these labels. `port` is the workload's own (target) port. */
export function mtlsMode(mesh: Mesh, namespace: string, labels: Labels, port: number | undefined): MtlsMode {
  return mtlsModeAmong(mesh.mtlsPolicies, mesh.config.rootNamespace, namespace, labels, port);
}

/** As `mtlsMode`, for callers that are remembered by the policies alone. `policies` are oldest first. */
export function mtlsModeAmong(
  policies: readonly MtlsPolicy[],
  rootNamespace: string,
  namespace: string,
  labels: Labels,
  port: number | undefined,
): MtlsMode {
  const ofWorkload = policyOfWorkload(policies, rootNamespace, namespace, labels);
  const wide = (from: string) =>
    policies.find((policy) => policy.namespace === from && policy.selector === undefined)?.mode;
  const ofPort = port === undefined ? undefined : ofWorkload?.portModes[port];
  return ofPort ?? ofWorkload?.mode ?? wide(namespace) ?? wide(rootNamespace) ?? "permissive";
}

/** The oldest that selects the workload. */
function policyOfWorkload(
  policies: readonly MtlsPolicy[],
  rootNamespace: string,
  namespace: string,
  labels: Labels,
): MtlsPolicy | undefined {
  return policies.find(
    (policy) =>
      policy.namespace === namespace &&
      !isWithoutEffect(policy, rootNamespace) &&
      policy.selector &&
      selects(policy.selector, labels),
  );
}

export interface PortMode {
  readonly port: number;
  readonly mode: MtlsMode;
  readonly origin: Origin;
}

/** The ports of these workloads for which policy has a mode of its own, whether services have them or not; lowest first. */
export function portModesOf(
  { mtlsPolicies, config }: Mesh,
  namespace: string,
  labels: Labels,
): readonly PortMode[] {
  const policy = policyOfWorkload(mtlsPolicies, config.rootNamespace, namespace, labels);
  if (!policy) return [];
  return Object.entries(policy.portModes)
    .flatMap(([port, mode]) => (mode ? [{ port: Number(port), mode, origin: policy.origin }] : []))
    .sort((a, b) => a.port - b.port);
}

/** It is for whole meshes there, and its selector says that it is for some workloads. */
export function isWithoutEffect({ namespace, selector }: MtlsPolicy, rootNamespace: string): boolean {
  return namespace === rootNamespace && selector !== undefined;
}
