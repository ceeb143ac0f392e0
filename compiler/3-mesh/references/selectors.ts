// Policies against workloads: selectors that select nothing, and policies of one reach that contradict each other.

import type { Diagnostic } from "../../diagnostics/index.ts";
import { isIP } from "../../model/address.ts";
import { type Labels, selects } from "../../model/labels.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { Origin } from "../../model/origin.ts";
import type { MtlsPolicy } from "../../model/security.ts";
import { canReach } from "../endpoints.ts";
import type { Mesh } from "../mesh.ts";
import { isWithoutEffect } from "../mtls.ts";
import { at, other } from "./report.ts";

interface Selecting {
  readonly namespace: string;
  readonly selector?: Labels;
  readonly origin: Origin;
}

/** What selects workloads must not select none. */
export function checkScopes({ scopes, ...around }: Around & Pick<Mesh, "scopes">): readonly Diagnostic[] {
  return [...checkAll(around, scopes), ...twiceWithoutSelector(scopes, "conflicting-scopes")];
}

export function checkMtlsPolicies({
  mtlsPolicies,
  ...around
}: Around & Pick<Mesh, "mtlsPolicies">): readonly Diagnostic[] {
  const { rootNamespace } = around.config;
  const isIdle = (policy: MtlsPolicy) => isWithoutEffect(policy, rootNamespace);
  return [
    ...mtlsPolicies.filter(isIdle).map(({ origin }) => withSelectorInRoot(origin, rootNamespace)),
    ...checkAll(
      around,
      mtlsPolicies.filter((policy) => !isIdle(policy)),
    ),
    ...twiceWithoutSelector(mtlsPolicies, "conflicting-policies"),
  ];
}

function withSelectorInRoot(origin: Origin, rootNamespace: string): Diagnostic {
  const message = `in the root namespace ${rootNamespace} this has no effect with a selector`;
  const help = "move it to the namespace of its workloads, or leave out the selector";
  return at("selector-selects-nothing", origin, message, { help });
}

export function checkFilterPolicies({
  filterPolicies,
  ...around
}: Around & Pick<Mesh, "filterPolicies">): readonly Diagnostic[] {
  return [...filterPolicies.values()].flatMap((policies) => checkAll(around, policies));
}

type Around = Pick<Mesh, "config" | "workloads">;

function checkAll({ config, workloads }: Around, policies: readonly Selecting[]): readonly Diagnostic[] {
  return policies.flatMap((policy) => checkSelector(policy, config.rootNamespace, workloads));
}

/** Each looks at every workload: asked again only when these are others, or it is another one. */
const checkSelector = memoizeByIdentity(
  (
    { selector, namespace, origin }: Selecting,
    rootNamespace: string,
    workloads: Around["workloads"],
  ): readonly Diagnostic[] => {
    if (!selector || Object.keys(selector).length === 0) return [];
    const everywhere = namespace === rootNamespace;
    const selected = workloads.some(
      (workload) => (everywhere || workload.namespace === namespace) && selects(selector, workload.labels),
    );
    if (selected) return [];
    const where = everywhere ? "in the mesh" : `in namespace ${namespace}`;
    return [
      at("selector-selects-nothing", origin, `no workload ${where} has the labels ${labelText(selector)}`, {
        help: "the policy has no effect until one does",
      }),
    ];
  },
);

/** Gateway pods usually come with the installation, not with the policy: silent where no workload is known at all. */
export function checkGatewaySelectors({
  workloads,
  gateways,
}: Pick<Mesh, "workloads" | "gateways">): readonly Diagnostic[] {
  if (workloads.length === 0) return [];
  return gateways.flatMap(({ selector, origin }) => {
    if (Object.keys(selector).length === 0) return [];
    if (workloads.some((workload) => selects(selector, workload.labels))) return [];
    return [
      at("selector-selects-nothing", origin, `no gateway workload has the labels ${labelText(selector)}`, {
        help: "the gateway listens nowhere until one does",
      }),
    ];
  });
}

function twiceWithoutSelector(
  policies: readonly Selecting[],
  code: "conflicting-scopes" | "conflicting-policies",
): readonly Diagnostic[] {
  const first = new Map<string, Selecting>();
  return policies.flatMap((policy) => {
    if (policy.selector) return [];
    const winner = first.get(policy.namespace);
    if (!winner) {
      first.set(policy.namespace, policy);
      return [];
    }
    return [
      at(
        code,
        policy.origin,
        `namespace ${policy.namespace} has two of these without a selector; this one has no effect`,
        other("the one that counts is here", winner.origin),
      ),
    ];
  });
}

/** A machine known by a DNS name cannot serve a service whose endpoints are addresses. */
export function checkAddresses(mesh: Pick<Mesh, "services" | "workloads">): readonly Diagnostic[] {
  const named = mesh.workloads.filter(({ addresses }) => addresses.some((address) => !isIP(address)));
  if (named.length === 0) return [];
  return mesh.services.flatMap((service) => {
    const { selector, namespace, hostname } = service;
    if (!selector) return [];
    return named
      .filter((each) => each.namespace === namespace && selects(selector, each.labels))
      .flatMap(({ addresses, origin }) =>
        addresses
          .filter((address) => !canReach(service, address))
          .map((address) =>
            at(
              "invalid-address",
              origin,
              `${hostname} has addresses for endpoints; the name ${address} cannot be one of them and is left out`,
              {
                ...other("the service is here", service.origin),
                severity: "warning",
                help: "give it an IP address",
              },
            ),
          ),
      );
  });
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
