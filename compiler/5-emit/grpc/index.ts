// ProxylessView → every resource of one gRPC client without a proxy. Knows what gRPC refuses (gRFC A27, A28 and those after
// them) and what it passes over; each resource is written by a file of this folder.

import type { ProxylessView } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { byName } from "../by-name.ts";
import type { EmittedResource } from "../resource.ts";
import { emitApiListener } from "./api-listener.ts";
import { emitGrpcCluster } from "./cluster.ts";
import { emitGrpcEndpoints } from "./load-assignment.ts";
import { emitGrpcTable } from "./route-table.ts";

/** A list for each type, by name. A list of the same plans is the same list of resources. */
export const emitProxyless = memoizeByIdentity(
  (view: ProxylessView): readonly (readonly EmittedResource[])[] => [
    emitClusters(view.clusters),
    emitAssignments(view.endpoints),
    emitListeners(view.targets),
    emitTables(view.routeTables),
  ],
);

const emitClusters = memoizeByIdentity((plans: ProxylessView["clusters"]) =>
  plans.map((plan) => emitGrpcCluster(plan)).toSorted(byName),
);

const emitAssignments = memoizeByIdentity((plans: ProxylessView["endpoints"]) =>
  plans.map((plan) => emitGrpcEndpoints(plan)).toSorted(byName),
);

const emitListeners = memoizeByIdentity((plans: ProxylessView["targets"]) =>
  plans.map((plan) => emitApiListener(plan)).toSorted(byName),
);

const emitTables = memoizeByIdentity((plans: ProxylessView["routeTables"]) =>
  plans.map((plan) => emitGrpcTable(plan)).toSorted(byName),
);
