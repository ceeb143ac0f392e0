// The frozen index of everything the files say. Stage 4 reads nothing else.

import type { DestinationPolicy } from "../model/destination.ts";
import type { FilterPolicyFact, MeshNamespace } from "../model/fact.ts";
import type { GatewayConfig } from "../model/gateway.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { RouteSet } from "../model/routes.ts";
import type { ProxyScope } from "../model/scope.ts";
import type { Credential, MtlsPolicy } from "../model/security.ts";
import type { Endpoint, MeshService, Workload } from "../model/service.ts";
import type { MeshStep } from "./step.ts";

export interface Mesh {
  readonly config: MeshConfig;
  readonly namespaces: ReadonlyMap<string, MeshNamespace>;
  /** Sorted by hostname, then oldest first. */
  readonly services: readonly MeshService[];
  readonly servicesByHost: ReadonlyMap<string, readonly MeshService[]>;
  /** Every workload written down, sorted by namespace and name. */
  readonly workloads: readonly Workload[];
  /** Oldest first; delegates already merged in. */
  readonly routeSets: readonly RouteSet[];
  /** Oldest first. */
  readonly destinations: readonly DestinationPolicy[];
  /** The same by the host they are written for. */
  readonly destinationsByHost: ReadonlyMap<string, readonly DestinationPolicy[]>;
  readonly destinationWildcards: readonly string[];
  /** Oldest first. */
  readonly gateways: readonly GatewayConfig[];
  readonly scopes: readonly ProxyScope[];
  readonly mtlsPolicies: readonly MtlsPolicy[];
  readonly filterPolicies: ReadonlyMap<string, readonly FilterPolicyFact[]>;
  /** By `namespace/name`. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** Endpoints of one port of a service, in a stable order. The same list as long as nothing about it changed. */
  readonly endpointsOf: (service: MeshService, portNumber: number) => readonly Endpoint[];
  /** How it differs from an earlier mesh, where that is little; absent otherwise. */
  readonly step?: MeshStep;
}
