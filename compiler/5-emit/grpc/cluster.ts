// ClusterPlan → the Cluster that gRPC takes: EDS or one DNS name, round robin or a ring, and a limit of open calls. What it
// would refuse (another balancer, another discovery) or pass over (ejection by errors, pools, keepalives) is left out.

import { create } from "@bufbuild/protobuf";
import {
  type Cluster,
  Cluster_DiscoveryType,
  Cluster_EdsClusterConfigSchema,
  Cluster_LbPolicy,
  Cluster_RingHashLbConfigSchema,
  ClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import type { ClusterPlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { adsSource } from "../ads-source.ts";
import { clusterTypeUrl } from "../clusters/index.ts";
import type { EmittedResource } from "../resource.ts";
import { grpcLoadAssignment } from "./load-assignment.ts";

/** One Cluster under the plan's name. Throws for a discovery that stage 4 has to replace. */
export const emitGrpcCluster = memoizeByIdentity((plan: ClusterPlan): EmittedResource => {
  const { name, origins } = plan;
  const maxRequests = plan.connectionPool?.http.maxRequests;
  const message = create(ClusterSchema, {
    name,
    ...discovery(plan),
    ...balancing(plan.loadBalancer),
    ...(maxRequests !== undefined && { circuitBreakers: { thresholds: [{ maxRequests }] } }),
  });
  return { typeUrl: clusterTypeUrl, name, schema: ClusterSchema, message, origins };
});

type Part = Partial<Omit<Cluster, "$typeName" | "$unknown">>;

function discovery({ name, discovery }: ClusterPlan): Part {
  switch (discovery.type) {
    case "eds":
    // The server answers for a load assignment that does not exist with one that is empty.
    case "black-hole":
      return {
        clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
        edsClusterConfig: create(Cluster_EdsClusterConfigSchema, { edsConfig: adsSource, serviceName: name }),
      };
    case "logical-dns":
      return {
        clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.LOGICAL_DNS },
        loadAssignment: grpcLoadAssignment(discovery.endpoints),
      };
    default:
      throw new Error(`gRPC has no clusters of type ${discovery.type}`);
  }
}

const largestRing = 8_388_608;

/** A ring stands for every consistent hash; everything else that spreads calls is round robin. */
function balancing(balancer: ClusterPlan["loadBalancer"]): Part {
  const algorithm = balancer?.algorithm;
  if (algorithm?.type !== "consistent-hash") return { lbPolicy: Cluster_LbPolicy.ROUND_ROBIN };
  const size = algorithm.table.type === "ring" ? algorithm.table.minimumSize : undefined;
  return {
    lbPolicy: Cluster_LbPolicy.RING_HASH,
    ...(size !== undefined && {
      lbConfig: {
        case: "ringHashLbConfig",
        value: create(Cluster_RingHashLbConfigSchema, {
          minimumRingSize: BigInt(Math.min(size, largestRing)),
        }),
      },
    }),
  };
}
