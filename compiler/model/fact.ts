// The meeting point of all front ends: whatever kind an object has, decoding it yields some of these facts.

import type { DestinationPolicy } from "./destination.ts";
import type { GatewayConfig } from "./gateway.ts";
import type { Labels } from "./labels.ts";
import type { MeshConfig } from "./mesh-config.ts";
import type { Origin } from "./origin.ts";
import type { RouteSet } from "./routes.ts";
import type { ProxyScope } from "./scope.ts";
import type { Credential, MtlsPolicy } from "./security.ts";
import type { EndpointSet, ListedEndpoints, MeshService, Workload } from "./service.ts";

export interface MeshNamespace {
  readonly name: string;
  readonly labels: Labels;
  readonly origin: Origin;
}

/**
 * A policy that becomes filters: its own kind selects it for a proxy and turns it into a contribution, so that no
 * stage has to know what is inside `spec`. `policy` names that kind in the registry.
 */
export interface FilterPolicyFact {
  readonly policy: string;
  readonly name: string;
  readonly namespace: string;
  readonly selector?: Labels;
  readonly spec: unknown;
  readonly created?: string;
  readonly origin: Origin;
}

export type Fact =
  | { readonly type: "service"; readonly value: MeshService }
  | { readonly type: "workload"; readonly value: Workload }
  | { readonly type: "endpoints"; readonly value: EndpointSet }
  | { readonly type: "listed-endpoints"; readonly value: ListedEndpoints }
  | { readonly type: "namespace"; readonly value: MeshNamespace }
  | { readonly type: "routes"; readonly value: RouteSet }
  | { readonly type: "destination"; readonly value: DestinationPolicy }
  | { readonly type: "gateway"; readonly value: GatewayConfig }
  | { readonly type: "scope"; readonly value: ProxyScope }
  | { readonly type: "mtls"; readonly value: MtlsPolicy }
  | { readonly type: "filter-policy"; readonly value: FilterPolicyFact }
  | { readonly type: "credential"; readonly value: Credential }
  | { readonly type: "mesh-config"; readonly value: MeshConfig };
