// Endpoints as a user notices them: who gets which share, at home and elsewhere.

import { byName, canonical, type JsonObject, member, objectsIn, textOf } from "./json.ts";

export function viewOfAssignment(assignment: JsonObject): JsonObject {
  return byName(
    objectsIn(assignment.endpoints),
    ({ locality, priority }) => {
      const place = ["region", "zone", "subZone"].map((name) => textOf(member(locality, name)));
      return `${place.join("/")} priority ${priority ?? 0}`;
    },
    ({ lbEndpoints }) => byName(objectsIn(lbEndpoints), addressOf, viewOfEndpoint),
  );
}

function addressOf({ endpoint }: JsonObject): string {
  return canonical(member(endpoint, "address", "socketAddress") ?? member(endpoint, "address"));
}

/** An endpoint without weight or health has the weight 1 and is healthy. */
function viewOfEndpoint({ loadBalancingWeight, healthStatus }: JsonObject): JsonObject {
  return {
    weight: loadBalancingWeight ?? 1,
    health: healthStatus === "HEALTHY" ? undefined : healthStatus,
  };
}
