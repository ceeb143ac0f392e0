import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { VirtualHost_TlsRequirementType } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import test from "ava";
import { emitRouteTable, routeConfiguration } from "./index.ts";
import { forward, route, routeTable, target, virtualHost } from "./route-plan-builder.ts";

test("a table is emitted once per plan, under its name and type", (t) => {
  const plan = routeTable([route()]);
  const emitted = emitRouteTable(plan);
  t.is(emitted, emitRouteTable(plan));
  t.is(emitted.message, routeConfiguration(plan));
  t.is(emitted.name, "80");
  t.is(emitted.typeUrl, "type.googleapis.com/envoy.config.route.v3.RouteConfiguration");
  t.deepEqual(emitted.origins, plan.origins);
});

test("equal plans give equal bytes", (t) => {
  const bytes = () =>
    toBinary(RouteConfigurationSchema, routeConfiguration(routeTable([route({ name: "a" })])));
  t.deepEqual(bytes(), bytes());
  t.is(fromBinary(RouteConfigurationSchema, bytes()).virtualHosts[0]?.routes[0]?.name, "a");
});

test("what tables and virtual hosts ask for is written", (t) => {
  const hosts = [
    virtualHost([], { name: "tls", domains: ["a", "a:80"], requireTls: true, includeAttemptCount: false }),
    virtualHost([route()], { name: "plain" }),
  ];
  const table = routeConfiguration(routeTable([], { virtualHosts: hosts, ignorePortInHost: true }));
  t.true(table.ignorePortInHostMatching);
  t.false(table.validateClusters);
  const [tls, plain] = table.virtualHosts;
  t.deepEqual(tls?.domains, ["a", "a:80"]);
  t.is(tls?.requireTls, VirtualHost_TlsRequirementType.ALL);
  t.false(tls?.includeRequestAttemptCount);
  t.is(plain?.requireTls, VirtualHost_TlsRequirementType.NONE);
  t.true(plain?.includeRequestAttemptCount);
});

test("the limit of direct responses is raised only for a body that needs it", (t) => {
  const limitFor = (value: string) =>
    routeConfiguration(
      routeTable([
        route({ action: { type: "direct-response", status: 200, body: { type: "string", value } } }),
      ]),
    ).maxDirectResponseBodySizeBytes;
  t.is(limitFor("x".repeat(4096)), undefined);
  t.is(limitFor("x".repeat(4097)), 4097);
  t.is(limitFor("ä".repeat(4000)), 8000);
});

test("routes carry their name and statistics prefix", (t) => {
  const plan = routeTable([route({ name: "r", action: forward(target("outbound|80||a")) })]);
  const emitted = routeConfiguration(plan).virtualHosts[0]?.routes[0];
  t.is(emitted?.name, "r");
  t.is(emitted?.statPrefix, "");
});
