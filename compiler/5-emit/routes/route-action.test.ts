import { fromBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { CorsPolicySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/cors/v3/cors";
import { HTTPFaultSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/fault/v3/fault";
import { FractionalPercent_DenominatorType } from "@envoyproxy/protos-ts/envoy/type/v3/percent";
import test from "ava";
import type { ClusterTarget, RoutePlan } from "../../4-view/plan/routes.ts";
import { route as emitRoute } from "./route.ts";
import { forward, headers, match, route, target } from "./route-plan-builder.ts";

function forwarded(parts: Partial<RoutePlan>) {
  const { action } = emitRoute(route(parts));
  if (action.case !== "route") throw new Error("not forwarded");
  return action.value;
}

const keys = (options: readonly { readonly header?: { readonly key: string } | undefined }[] | undefined) =>
  options?.map(({ header }) => header?.key);

test("one destination is the cluster of the route, whatever its weight", (t) => {
  t.deepEqual(forwarded({ action: forward(target("a", 0)) }).clusterSpecifier, {
    case: "cluster",
    value: "a",
  });
});

test("destinations without weight are left out; a single one left is a split nonetheless", (t) => {
  const split = (...targets: readonly ClusterTarget[]) => {
    const { clusterSpecifier: to } = forwarded({ action: forward(...targets) });
    return to.case === "weightedClusters" && to.value.clusters.map(({ name, weight }) => [name, weight]);
  };
  t.deepEqual(split(target("a", 90), target("b", 0), target("c", 10)), [
    ["a", 90],
    ["c", 10],
  ]);
  t.deepEqual(split(target("a", 0), target("b", 100)), [["b", 100]]);
});

test("headers of a single destination join those of the route, after them", (t) => {
  const emitted = emitRoute(
    route({
      headers: headers({ request: { set: [{ name: "x", value: "route" }], remove: ["z", "y"] } }),
      action: forward(
        target("a", 100, headers({ request: { add: [{ name: "x", value: "destination" }], remove: ["y"] } })),
      ),
    }),
  );
  t.deepEqual(
    emitted.requestHeadersToAdd.map(({ header, appendAction }) => [header?.key, header?.value, appendAction]),
    [
      ["x", "route", 2],
      ["x", "destination", 0],
    ],
  );
  t.deepEqual(emitted.requestHeadersToRemove, ["y", "z"]);
});

test("headers of weighted destinations stay with them", (t) => {
  const emitted = emitRoute(
    route({
      action: forward(
        target("a", 50, headers({ response: { set: [{ name: "from", value: "a" }] } })),
        target("b", 50),
      ),
    }),
  );
  t.deepEqual(keys(emitted.responseHeadersToAdd), []);
  const specifier = emitted.action.case === "route" ? emitted.action.value.clusterSpecifier : undefined;
  const clusters = specifier?.case === "weightedClusters" ? specifier.value.clusters : [];
  t.deepEqual(
    clusters.map(({ responseHeadersToAdd }) => keys(responseHeadersToAdd)),
    [["from"], []],
  );
});

test("Host is rewritten, not set: the rewrite first, then the route, then its only destination", (t) => {
  const host = (name: string) => headers({ request: { set: [{ name: "Host", value: name }] } });
  const literal = (parts: Partial<RoutePlan>) => {
    const emitted = emitRoute(route(parts));
    t.deepEqual(keys(emitted.requestHeadersToAdd), []);
    return emitted.action.case === "route" ? emitted.action.value.hostRewriteSpecifier.value : undefined;
  };
  const action = forward(target("a", 100, host("destination")));
  t.is(literal({ action, headers: host("route"), rewrite: { authority: "rewrite" } }), "rewrite");
  t.is(literal({ action, headers: host("route") }), "route");
  t.is(literal({ action }), "destination");
  t.is(literal({}), undefined);
});

test("no timeout is said, since Envoy's default is one; gRPC deadlines are left to both ends", (t) => {
  const none = forwarded({});
  t.is(none.timeout && durationMs(none.timeout), 0);
  const some = forwarded({ timeoutMs: 1500 });
  t.is(some.timeout && durationMs(some.timeout), 1500);
  t.is(some.maxGrpcTimeout, undefined, "deprecated: Envoy warns of every route that has it");
  t.is(some.maxStreamDuration, undefined, "with it, Envoy would not look at the timeout");
});

test("mirrors take their share; none for none", (t) => {
  const { requestMirrorPolicies } = forwarded({
    action: {
      ...forward(target("a")),
      mirrors: [
        { cluster: "m", percentage: 0.25 },
        { cluster: "never", percentage: 0 },
      ],
    },
  });
  t.is(requestMirrorPolicies.length, 1);
  const [mirror] = requestMirrorPolicies;
  t.is(mirror?.cluster, "m");
  t.is(mirror?.runtimeFraction?.defaultValue?.numerator, 2500);
  t.is(mirror?.runtimeFraction?.defaultValue?.denominator, FractionalPercent_DenominatorType.MILLION);
  t.false(mirror?.traceSampled);
});

test("hash keys", (t) => {
  const { hashPolicy } = forwarded({
    action: {
      ...forward(target("a")),
      hash: [
        { type: "header", name: "x" },
        { type: "cookie", name: "c", path: "/", ttlMs: 0, attributes: [{ name: "SameSite", value: "Lax" }] },
        { type: "source-ip" },
        { type: "query-parameter", name: "q" },
      ],
    },
  });
  t.deepEqual(
    hashPolicy.map(({ policySpecifier }) => policySpecifier.case),
    ["header", "cookie", "connectionProperties", "queryParameter"],
  );
  const cookie = hashPolicy[1]?.policySpecifier;
  t.is(cookie?.case === "cookie" && cookie.value.ttl && durationMs(cookie.value.ttl), 0);
});

test("faults and CORS are configured at the route, for the filters of those names", (t) => {
  const { typedPerFilterConfig: config } = emitRoute(
    route({
      match: match({ statPrefix: "stats" }),
      fault: {
        delay: { percentage: 0.1, fixedMs: 5000 },
        abort: { percentage: 50, status: { type: "grpc", code: 14 } },
      },
      cors: {
        allowOrigins: [{ type: "exact", value: "https://a.example" }],
        allowMethods: ["GET", "POST"],
        allowHeaders: ["x-a"],
        exposeHeaders: [],
        maxAgeMs: 86_400_000,
        allowCredentials: false,
        unmatchedPreflights: "ignore",
      },
    }),
  );
  t.deepEqual(Object.keys(config), ["envoy.filters.http.cors", "envoy.filters.http.fault"]);
  const fault = fromBinary(HTTPFaultSchema, config["envoy.filters.http.fault"]?.value ?? new Uint8Array());
  t.is(fault.delay?.percentage?.numerator, 1000);
  t.deepEqual(fault.abort?.errorType, { case: "grpcStatus", value: 14 });
  t.is(fault.abort?.percentage?.denominator, FractionalPercent_DenominatorType.HUNDRED);
  const cors = fromBinary(CorsPolicySchema, config["envoy.filters.http.cors"]?.value ?? new Uint8Array());
  t.is(cors.allowMethods, "GET,POST");
  t.is(cors.maxAge, "86400");
  t.false(cors.allowCredentials);
  t.false(cors.forwardNotMatchingPreflights);
  t.is(cors.filterEnabled?.defaultValue?.numerator, 100);
});
