// Everything that can only be judged with the whole mesh at hand. Each check says which parts of the mesh it reads, can read no
// others, and is asked again only when one of those is another one.

import type { Diagnostic } from "../../diagnostics/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { MeshBuild } from "../build.ts";
import type { Mesh } from "../mesh.ts";
import { checkClientCredentials, checkGatewayCredentials } from "./credentials.ts";
import { checkDestinations } from "./destinations.ts";
import { checkIngress } from "./ingress.ts";
import { checkListeners } from "./listeners.ts";
import { checkRivalPolicies, checkRivalServices } from "./rivals.ts";
import { checkRoutes, describeDelegates } from "./routes.ts";
import {
  checkAddresses,
  checkFilterPolicies,
  checkGatewaySelectors,
  checkMtlsPolicies,
  checkScopes,
} from "./selectors.ts";

/** What does not fit together. Nothing here takes an object out of the mesh: its other parts go on working. */
export function checkReferences({ mesh, delegateProblems }: MeshBuild): readonly Diagnostic[] {
  return [...describeDelegates(delegateProblems), ...checks.flatMap((check) => check(mesh))];
}

const services = ["config", "services", "servicesByHost"] as const;

const checks: readonly ((mesh: Mesh) => readonly Diagnostic[])[] = [
  reading([...services, "routeSets", "destinations"], checkDestinations),
  reading(["routeSets", "gateways"], checkRoutes),
  reading(["config", "workloads", "scopes"], checkScopes),
  reading(["config", "scopes"], checkIngress),
  reading(["config", "workloads", "mtlsPolicies"], checkMtlsPolicies),
  reading(["config", "workloads", "filterPolicies"], checkFilterPolicies),
  reading(["workloads", "gateways"], checkGatewaySelectors),
  reading(["services", "workloads"], checkAddresses),
  reading(["servicesByHost"], checkRivalServices),
  reading(["destinations"], checkRivalPolicies),
  reading(["services", "workloads", "gateways"], checkListeners),
  reading(["workloads", "gateways", "credentials"], checkGatewayCredentials),
  reading(["destinations", "credentials", "gateways"], checkClientCredentials),
];

function reading<K extends keyof Mesh>(
  parts: readonly K[],
  check: (mesh: Pick<Mesh, K>) => readonly Diagnostic[],
): (mesh: Mesh) => readonly Diagnostic[] {
  const remembered = memoizeByIdentity((...values: readonly Mesh[K][]) =>
    check(Object.fromEntries(parts.map((part, index) => [part, values[index]])) as Pick<Mesh, K>),
  );
  return (mesh) => remembered(...parts.map((part) => mesh[part]));
}
