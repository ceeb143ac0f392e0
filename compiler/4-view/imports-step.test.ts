import test from "ava";
import { changeWorld, emptyWorld } from "#runtime";
import { joinFiles } from "../join.ts";
import type { Files } from "../testing/stepping.ts";
import { object, pod, service } from "../testing/world.ts";
import { clientOf } from "./client.ts";
import { standApart, stepImports } from "./imports-step.ts";
import { proxiesOf } from "./proxies.ts";

const routes = (host: string) =>
  object("VirtualService", "r", `{hosts: [${host}], http: [{route: [{destination: {host: api}}]}]}`);
const outside = (host: string, name = "outside") =>
  object(
    "ServiceEntry",
    name,
    `{hosts: [${host}], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}`,
  );

const base: Files = { "mesh.yaml": pod("me", "10.0.0.9") + service("api") };
const change: Files = { "new.yaml": service("new", { clusterIP: "10.96.0.7" }) };

/** What a step does to what a sidecar sees. */
function stepOf(files: Files, edit: Files) {
  const listOf = (some: Files) => Object.entries(some).map(([name, text]) => ({ name, text }));
  const first = changeWorld(emptyWorld(), { upserted: listOf({ ...base, ...files }), removed: [] });
  const { mesh: before, ...joined } = joinFiles(first.files);
  const second = changeWorld(first, { upserted: listOf(edit), removed: [] });
  const { mesh: after } = joinFiles(second.files, undefined, { mesh: before, ...joined });
  const { step } = after;
  const proxy = proxiesOf(before).find(({ name }) => name === "me-9");
  if (!step || !proxy) throw new Error("there is no step");
  const stride = { before, after, step };
  const imports = stepImports(stride, clientOf(before, proxy));
  return imports && { moved: [...imports.moved], apart: standApart(stride, imports) };
}

test("a service that nobody else is called like stands apart, and so it does with routes of its own", (t) => {
  const expected = { moved: ["new.default.svc.cluster.local"], apart: true };
  t.deepEqual(stepOf({}, change), expected);
  t.deepEqual(stepOf({}, { ...change, "routes.yaml": routes("new") }), expected);
  t.deepEqual(stepOf({ ...change, "routes.yaml": routes("new") }, { "new.yaml": service("new") }), expected);
  t.deepEqual(stepOf({ "far.yaml": service("new", { namespace: "far" }) }, change), expected);
  t.deepEqual(stepOf({ "entry.yaml": outside("other.example.com") }, change), expected);
});

for (const [title, files] of [
  ["a route has one of its names", { "routes.yaml": routes("new.default") }],
  ["a route was there before it", { "routes.yaml": routes("new") }],
  ["a wildcard that it comes under is routed", { "routes.yaml": routes('"*.cluster.local"') }],
  ["another service has its address", { "other.yaml": service("other", { clusterIP: "10.96.0.7" }) }],
  ["another service has one of its names", { "entry.yaml": outside("new.default.svc") }],
  ["another service is called like it nearby", { "entry.yaml": outside("new") }],
] satisfies readonly [string, Files][]) {
  test(`a service does not stand apart where ${title}`, (t) => {
    t.false(stepOf(files, change)?.apart);
  });
}

test("from outside, a service does not stand apart from one that is called so nearby", (t) => {
  t.false(stepOf({}, { "entry.yaml": outside("api") })?.apart);
});

test("other names make it impossible to tell", (t) => {
  const alias = `
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: default}
spec: {type: ExternalName, externalName: api.default.svc.cluster.local}
---`;
  t.is(stepOf({ "alias.yaml": alias }, change), undefined);
});

test("what the client does not see has not moved for it", (t) => {
  const hidden = service("new", { annotations: "networking.istio.io/exportTo: '~'" });
  t.deepEqual(stepOf({}, { "new.yaml": hidden }), { moved: [], apart: true });
});
