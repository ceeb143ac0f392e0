import { create } from "@bufbuild/protobuf";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";
import { checkMessage } from "../invariants/index.ts";
import { isolateVirtualHosts } from "./isolate.ts";

function host(name: string, regex = "/.*") {
  return {
    name,
    domains: [name],
    routes: [
      {
        name: "first",
        match: { pathSpecifier: { case: "safeRegex" as const, value: { regex } } },
        action: {
          case: "route" as const,
          value: { clusterSpecifier: { case: "cluster" as const, value: "c" } },
        },
      },
      {
        name: "second",
        match: { pathSpecifier: { case: "prefix" as const, value: "/" } },
        action: { case: "directResponse" as const, value: { status: 200 } },
      },
    ],
  };
}

function table(...hosts: ReturnType<typeof host>[]) {
  return create(RouteConfigurationSchema, { name: "t", virtualHosts: hosts });
}

const judge = (message: ReturnType<typeof table>) =>
  checkMessage(RouteConfigurationSchema, message, registry);

test("a host with a bad match is closed, and the others keep their objects", (t) => {
  const message = table(host("good"), host("bad", "(?=x)"));
  const repaired = isolateVirtualHosts(message, judge(message), undefined);
  t.is(repaired?.virtualHosts[0], message.virtualHosts[0]);
  t.deepEqual(
    repaired?.virtualHosts[1]?.routes.map(({ action }) => action.value),
    repaired?.virtualHosts[1]?.routes.map(() => repaired.virtualHosts[1]?.routes[0]?.action.value),
  );
  t.is(repaired?.virtualHosts[1]?.routes.length, 1);
  t.deepEqual(repaired && judge(repaired), []);
});

test("a host that was good before is served as it was", (t) => {
  const before = table(host("bad"));
  const message = table(host("good"), host("bad", "(?=x)"));
  const repaired = isolateVirtualHosts(message, judge(message), before);
  t.is(repaired?.virtualHosts[1], before.virtualHosts[0]);
});

test("a bad action costs its own route only", (t) => {
  const bad = host("bad");
  const message = table({
    ...bad,
    routes: [
      { ...bad.routes[0], action: { case: "directResponse" as const, value: { status: 42 } } } as never,
      ...bad.routes.slice(1),
    ],
  });
  t.true(judge(message).length > 0);
  const repaired = isolateVirtualHosts(message, judge(message), undefined);
  const [first, second] = repaired?.virtualHosts[0]?.routes ?? [];
  t.is(first?.action.case === "directResponse" && first.action.value.status, 500);
  t.deepEqual(first?.match, message.virtualHosts[0]?.routes[0]?.match);
  t.is(second?.action.case === "directResponse" && second.action.value.status, 200);
});

test("what is wrong outside the hosts cannot be cut out", (t) => {
  const message = table(host("good"));
  t.is(isolateVirtualHosts(message, [{ path: ["name"], message: "is bad" }], undefined), undefined);
});
