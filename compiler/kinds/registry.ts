// Every policy kind, in the order in which the support table shows them. The only file that names them all.

import { authorizationFilters, authorizationPolicy } from "./authorization-policy/index.ts";
import { destinationRule } from "./destination-rule/index.ts";
import { gateway } from "./gateway/index.ts";
import type { FilterPolicy, Kind } from "./kind.ts";
import { configMap } from "./kubernetes/config-map/index.ts";
import { endpointSlice } from "./kubernetes/endpoint-slice/index.ts";
import { endpoints } from "./kubernetes/endpoints/index.ts";
import { namespace } from "./kubernetes/namespace/index.ts";
import { pod } from "./kubernetes/pod/index.ts";
import { podTemplates } from "./kubernetes/pod-template/index.ts";
import { secret } from "./kubernetes/secret/index.ts";
import { service } from "./kubernetes/service/index.ts";
import { serviceAccount } from "./kubernetes/service-account/index.ts";
import { meshConfig } from "./mesh-config/index.ts";
import { peerAuthentication } from "./peer-authentication/index.ts";
import { serviceEntry } from "./service-entry/index.ts";
import { sidecar } from "./sidecar/index.ts";
import { virtualService } from "./virtual-service/index.ts";
import { workloadEntry } from "./workload-entry/index.ts";

export const kinds: readonly Kind[] = [
  virtualService,
  destinationRule,
  gateway,
  sidecar,
  serviceEntry,
  workloadEntry,
  peerAuthentication,
  authorizationPolicy,
  service,
  endpointSlice,
  endpoints,
  pod,
  ...podTemplates,
  namespace,
  serviceAccount,
  secret,
  configMap,
  meshConfig,
];

export const filterPolicies: readonly FilterPolicy[] = [authorizationFilters];
