import { type JsonObject, toJson } from "@bufbuild/protobuf";
import test from "ava";
import { endpointsPlan, localityPlan, reviewsHost } from "../../../test/envoy/plans.ts";
import type { EndpointsPlan } from "../../4-view/plan/index.ts";
import { emitEndpoints } from "./index.ts";

interface Assignment {
  readonly clusterName: string;
  readonly endpoints?: readonly {
    readonly locality?: JsonObject;
    readonly priority?: number;
    readonly loadBalancingWeight?: number;
    readonly lbEndpoints: readonly JsonObject[];
  }[];
}

function emitted(plan: EndpointsPlan): Assignment {
  const { schema, message } = emitEndpoints(plan);
  return toJson(schema, message) as unknown as Assignment;
}

function onlyEndpoint(plan: EndpointsPlan): JsonObject | undefined {
  return emitted(plan).endpoints?.[0]?.lbEndpoints[0];
}

test("an endpoint has its address, health, weight, and what it is", (t) => {
  t.deepEqual(onlyEndpoint(endpointsPlan()), {
    endpoint: { address: { socketAddress: { address: "10.0.0.1", portValue: 9080 } } },
    healthStatus: "HEALTHY",
    loadBalancingWeight: 1,
    metadata: {
      filterMetadata: {
        "envoy.transport_socket_match": { tlsMode: "istio" },
        istio: { workload: "reviews-v1;default;reviews;v1;Kubernetes" },
      },
    },
  });
});

test("an endpoint without mutual TLS matches no TLS socket; an unset weight is 1", (t) => {
  const endpoint = onlyEndpoint(endpointsPlan([{ mtls: false, weight: 0, state: "draining" }]));
  t.deepEqual(endpoint?.metadata, {
    filterMetadata: { istio: { workload: "reviews-v1;default;reviews;v1;Kubernetes" } },
  });
  t.is(endpoint?.loadBalancingWeight, 1);
  t.is(endpoint?.healthStatus, "DRAINING");
});

test("a unix socket is a pipe", (t) => {
  const plan = endpointsPlan([{ address: "unix:///var/run/app.sock", port: 0 }]);
  t.deepEqual(onlyEndpoint(plan)?.endpoint, { address: { pipe: { path: "/var/run/app.sock" } } });
});

test("localities keep their priority, and a weight only when they have one", (t) => {
  const eu = { region: "eu", zone: "eu-1", subzone: "a" };
  const plan = endpointsPlan([], {
    localities: [
      localityPlan([{}], { locality: eu, weight: 80 }),
      localityPlan([{ state: "unhealthy" }], { priority: 1 }),
    ],
  });
  const [first, second] = emitted(plan).endpoints ?? [];
  t.deepEqual(first?.locality, { region: "eu", zone: "eu-1", subZone: "a" });
  t.is(first?.loadBalancingWeight, 80);
  t.is(second?.priority, 1);
  t.is(second?.loadBalancingWeight, undefined);
  t.is(second?.locality, undefined);
});

test("no endpoints are an empty assignment, not none", (t) => {
  const { name, message, schema } = emitEndpoints(endpointsPlan([], { localities: [] }));
  t.is(name, `outbound|9080||${reviewsHost}`);
  t.deepEqual(toJson(schema, message), { clusterName: name });
});
