// Service: a name, its ports, and the pods behind it.

import { Service } from "kubernetes-models/v1/Service";
import type { Kind } from "../../kind.ts";
import { flattenFields, ignored } from "../../shared/field-table.ts";
import { upstreamSchema } from "../../shared/upstream-schema.ts";
import { decode } from "./decode.ts";

/** For the cluster's own network, cloud or load balancer; nothing that a proxy does. */
const elsewhere = ignored("");

export const service: Kind = {
  group: "",
  versions: ["v1"],
  kind: "Service",
  clusterScoped: false,
  fields: flattenFields({
    allocateLoadBalancerNodePorts: elsewhere,
    clusterIP: "yes",
    "clusterIPs[]": "yes",
    "externalIPs[]": elsewhere,
    externalName: "yes",
    externalTrafficPolicy: elsewhere,
    healthCheckNodePort: elsewhere,
    internalTrafficPolicy: elsewhere,
    "ipFamilies[]": elsewhere,
    ipFamilyPolicy: elsewhere,
    loadBalancerClass: elsewhere,
    loadBalancerIP: elsewhere,
    "loadBalancerSourceRanges[]": elsewhere,
    "ports[]": {
      appProtocol: "yes",
      name: "yes",
      nodePort: elsewhere,
      port: "yes",
      protocol: "yes",
      targetPort: "yes",
    },
    publishNotReadyAddresses: "yes",
    "selector{}": "yes",
    sessionAffinity: elsewhere,
    "sessionAffinityConfig.*": elsewhere,
    "topologyKeys[]": elsewhere,
    trafficDistribution: "no",
    type: "yes",
  }),
  schema: upstreamSchema(Service),
  decode,
};
