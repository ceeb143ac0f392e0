// Endpoints as a user notices them: who gets which share, at home and elsewhere.

import { byName, canonical, type Json, type JsonObject, member, objectsIn, textOf } from "./json.ts";

/** Whether the cluster would speak mutual TLS of the mesh to such an endpoint, if it lets endpoints decide. */
const asksForMesh = (endpoint: JsonObject) =>
  member(endpoint, "metadata", "filterMetadata", "envoy.transport_socket_match", "tlsMode") === "istio";

export function hasMeshPeers(assignment: Json | undefined): boolean {
  const localities = objectsIn(member(assignment, "endpoints"));
  return localities.some(({ lbEndpoints }) => objectsIn(lbEndpoints).some(asksForMesh));
}

/** `decides`: endpoints say whether they are spoken to in mutual TLS. */
export function viewOfAssignment(assignment: JsonObject, decides: boolean): JsonObject {
  return byName(
    objectsIn(assignment.endpoints),
    ({ locality, priority }) => {
      const place = ["region", "zone", "subZone"].map((name) => textOf(member(locality, name)));
      return `${place.join("/")} priority ${priority ?? 0}`;
    },
    ({ lbEndpoints }) =>
      byName(objectsIn(lbEndpoints), addressOf, (each) => ({
        ...viewOfEndpoint(each),
        ofMesh: decides && asksForMesh(each),
      })),
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
