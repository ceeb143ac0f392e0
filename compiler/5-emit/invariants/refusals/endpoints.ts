// What Envoy refuses in load assignments.

import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { isIP } from "../../../model/address.ts";
import type { Walk } from "../violation.ts";
import { refusal } from "./refusal.ts";

/** Only clusters that use DNS resolve names. `steps` lead to the load assignment. */
export function checkAddresses(
  assignment: ClusterLoadAssignment,
  walk: Walk,
  ...steps: readonly string[]
): void {
  for (const [localityIndex, { lbEndpoints }] of assignment.endpoints.entries()) {
    for (const [index, { hostIdentifier }] of lbEndpoints.entries()) {
      if (hostIdentifier.case !== "endpoint") continue;
      const address = hostIdentifier.value.address?.address;
      if (address?.case !== "socketAddress" || isIP(address.value.address)) continue;
      const where = ["endpoints", localityIndex, "lb_endpoints", index, "endpoint", "address"];
      walk.report("must be an IP address", ...steps, ...where);
    }
  }
}

/** As a resource of its own (EDS); inside a cluster its kind of discovery decides. */
const resource = refusal(ClusterLoadAssignmentSchema, (assignment, walk) => {
  if (walk.isAtRoot) checkAddresses(assignment, walk);
});

const maxWeight = 0xffff_ffff;

const localityWeights = refusal(ClusterLoadAssignmentSchema, ({ endpoints }, walk) => {
  const sums = new Map<number, number>();
  for (const { priority, loadBalancingWeight } of endpoints) {
    const sum = (sums.get(priority) ?? 0) + (loadBalancingWeight ?? 0);
    sums.set(priority, sum);
    if (sum > maxWeight) walk.report(`must have weights that add up to at most ${maxWeight}`, "endpoints");
  }
});

export const endpointRefusals = [resource, localityWeights];
