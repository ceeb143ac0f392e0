import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import test from "ava";
import type { EndpointPlan, LocalityPlan } from "../../4-view/plan/index.ts";
import { emitGrpcEndpoints } from "./load-assignment.ts";

const endpoint = (address: string, weight = 0): EndpointPlan => ({
  address,
  port: 80,
  weight,
  state: "healthy",
  mtls: true,
  workload: "",
  namespace: "default",
  labels: {},
});

const emitted = (...localities: readonly LocalityPlan[]) => {
  const { message } = emitGrpcEndpoints({ clusterName: "c", localities, origins: [] });
  const schema = ClusterLoadAssignmentSchema;
  return fromBinary(schema, toBinary(schema, message as Parameters<typeof toBinary<typeof schema>>[1]))
    .endpoints;
};

test("every locality is named and weighed, by its endpoints where nothing else is said", (t) => {
  const [first] = emitted({ priority: 0, endpoints: [endpoint("10.0.0.1", 3), endpoint("10.0.0.2")] });
  t.is(first?.loadBalancingWeight, 4);
  t.is(first?.locality?.region, "");
  t.deepEqual(
    first?.lbEndpoints.map(({ loadBalancingWeight }) => loadBalancingWeight),
    [3, 1],
  );
});

test("what gRPC would refuse is left out: sockets, names, repetitions, and the gap in priorities that they leave", (t) => {
  const found = emitted(
    { priority: 0, endpoints: [endpoint("unix:///tmp/a"), endpoint("a.example")] },
    { priority: 1, weight: 7, endpoints: [endpoint("10.0.0.1"), endpoint("10.0.0.1")] },
    { priority: 3, endpoints: [endpoint("10.0.0.2")] },
  );
  t.deepEqual(
    found.map(({ priority, loadBalancingWeight, lbEndpoints }) => [
      priority,
      loadBalancingWeight,
      lbEndpoints.length,
    ]),
    [
      [0, 7, 1],
      [1, 1, 1],
    ],
  );
});
