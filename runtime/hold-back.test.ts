import test from "ava";
import { changeWorld, emptyWorld, type World } from "./world.ts";

const service = (port = 80) => `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec: { selector: { app: reviews }, ports: [{ name: http, port: ${port} }] }
`;
const other = `
apiVersion: v1
kind: Service
metadata: { name: other, namespace: shop }
spec: { selector: { app: other }, ports: [{ name: http, port: 80 }] }
`;
const rule = (...subsets: readonly string[]) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec: { host: reviews, subsets: [${subsets.map((name) => `{ name: ${name}, labels: { version: v1 } }`).join()}] }
`;
const routes = (subset: string, host = "reviews") => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: ${host}, subset: ${subset} } }] }] }
`;

/** Files by name; undefined deletes. */
type Edit = Readonly<Record<string, string | undefined>>;

function edit(world: World, files: Edit): World {
  const entries = Object.entries(files);
  return changeWorld(world, {
    upserted: entries.flatMap(([name, text]) => (text === undefined ? [] : [{ name, text }])),
    removed: entries.filter(([, text]) => text === undefined).map(([name]) => name),
  });
}

const start = edit(emptyWorld(), {
  "other.yaml": other,
  "routes.yaml": routes("v1"),
  "rule.yaml": rule("v1"),
  "service.yaml": service(),
});

const held = (world: World) => world.held.map(({ kind, name }) => `${kind} ${name}`);
const subsets = (world: World) =>
  world.compiled.mesh.destinationsByHost
    .get("reviews.shop.svc.cluster.local")?.[0]
    ?.subsets.map(({ name }) => name);
const target = (world: World) => {
  const action = world.compiled.mesh.routeSets[0]?.http[0]?.action;
  return action?.type === "forward" ? action.destinations[0]?.destination.subset : undefined;
};

test("a subset renamed before its routes stays until the routes have moved on", (t) => {
  const half = edit(start, { "rule.yaml": rule("v9") });
  t.deepEqual(held(half), ["DestinationRule reviews"]);
  t.deepEqual(subsets(half), ["v1"]);
  const whole = edit(half, { "routes.yaml": routes("v9") });
  t.deepEqual(held(whole), []);
  t.deepEqual(subsets(whole), ["v9"]);
  t.is(target(whole), "v9");
});

test("routes that go before the subset they lead to stay as they were until it is there", (t) => {
  const half = edit(start, { "routes.yaml": routes("v9") });
  t.deepEqual(held(half), ["VirtualService reviews"]);
  t.is(target(half), "v1");
  const whole = edit(half, { "rule.yaml": rule("v9") });
  t.deepEqual(held(whole), []);
  t.is(target(whole), "v9");
});

test("the error is told all the same, and what else changes goes through", (t) => {
  const half = edit(start, { "rule.yaml": rule("v9"), "other.yaml": undefined });
  t.deepEqual(
    half.diagnostics.map(({ code, position }) => `${position.file} ${code}`),
    ["routes.yaml subset-not-found"],
  );
  t.deepEqual(
    half.compiled.mesh.services.map(({ name }) => name),
    ["reviews"],
  );
});

test("a service or a port that routes lead to stays", (t) => {
  const both = edit(start, { "routes.yaml": routes("v1", "other"), "other-rule.yaml": undefined });
  t.deepEqual(held(both), ["VirtualService reviews"], "other has no subset");
  const gone = edit(start, { "service.yaml": undefined });
  t.deepEqual(held(gone), ["Service reviews"]);
  t.is(gone.compiled.mesh.services.length, 2);
  const back = edit(gone, { "routes.yaml": undefined });
  t.deepEqual(held(back), []);
  t.is(back.compiled.mesh.services.length, 1, "withdrawn once nothing leads there");
});

test("new routes that lead nowhere stay out, and come in when their target does", (t) => {
  const { "routes.yaml": _, ...without } = {
    "routes.yaml": "",
    "rule.yaml": rule("v1"),
    "service.yaml": service(),
  };
  const before = edit(emptyWorld(), without);
  const early = edit(before, { "routes.yaml": routes("v9") });
  t.deepEqual(held(early), ["VirtualService reviews"]);
  t.is(early.compiled.mesh.routeSets.length, 0);
  const late = edit(early, { "rule.yaml": rule("v1", "v9") });
  t.deepEqual(held(late), []);
  t.is(target(late), "v9");
});

test("what led nowhere before holds nothing up, and the first reading is taken as it is", (t) => {
  const broken = edit(emptyWorld(), { "routes.yaml": routes("v1"), "service.yaml": service() });
  t.deepEqual(held(broken), []);
  t.is(broken.compiled.mesh.routeSets.length, 1);
  const further = edit(broken, { "rule.yaml": rule("v2") });
  t.deepEqual(held(further), []);
  t.deepEqual(subsets(further), ["v2"]);
});

test("a service goes where the routes to it all want a port or subset that it lacks", (t) => {
  for (const text of [routes("v9"), routes("v1").replace("subset: v1", "port: { number: 9999 }")]) {
    const come = edit(emptyWorld(), { "routes.yaml": text, "service.yaml": service(), "other.yaml": other });
    const gone = edit(come, { "service.yaml": undefined });
    t.deepEqual(held(gone), []);
    t.is(gone.compiled.mesh.services.length, 1);
  }
});

test("a service stays where one of several routes to it leads somewhere, whatever moves in its file", (t) => {
  const both = (first: string, second: string) =>
    routes("v1").replace(
      /http: .*/,
      `http: [{ match: [{ uri: { prefix: /a } }], route: [{ destination: ${first} }] }, { route: [{ destination: ${second} }] }] }`,
    );
  const [vain, good] = ["{ host: reviews, subset: v9 }", "{ host: reviews }"] as const;
  const files = { "rule.yaml": rule("v1"), "service.yaml": service(), "other.yaml": other };
  const world = edit(emptyWorld(), { ...files, "routes.yaml": both(vain, good) });
  t.deepEqual(held(edit(world, { "service.yaml": undefined })), ["Service reviews"]);
  const alone = both(vain, vain);
  const nothing = edit(emptyWorld(), { ...files, "routes.yaml": alone });
  t.deepEqual(held(edit(nothing, { "service.yaml": undefined, "routes.yaml": `# moved\n${alone}` })), []);
  const mended = edit(nothing, { "service.yaml": undefined, "routes.yaml": both(good, good) });
  t.deepEqual(held(mended), ["VirtualService reviews"], "what it says now would have led somewhere");
});

test("an object that is held back and moves to another file is still held back", (t) => {
  const half = edit(start, { "rule.yaml": rule("v9") });
  const moved = edit(half, { "rule.yaml": undefined, "moved.yaml": rule("v9") });
  t.deepEqual(held(moved), ["DestinationRule reviews"]);
  t.deepEqual(subsets(moved), ["v1"]);
  const whole = edit(moved, { "routes.yaml": routes("v9") });
  t.deepEqual(subsets(whole), ["v9"]);
});

test("a swap of two references in one change goes through at once", (t) => {
  const both = edit(start, { "rule.yaml": rule("v2", "v3"), "routes.yaml": routes("v3") });
  t.deepEqual(held(both), []);
  t.deepEqual(subsets(both), ["v2", "v3"]);
});

test("the last services of a namespace stay too, though nothing can be checked without them", (t) => {
  const gone = edit(start, { "service.yaml": undefined, "other.yaml": undefined });
  t.deepEqual(held(gone), ["Service reviews"]);
  t.deepEqual(
    gone.compiled.mesh.services.map(({ name }) => name),
    ["reviews"],
    "nothing leads to the other one",
  );
});

test("a host that was missing before is no news when the last service of its namespace goes", (t) => {
  const broken = edit(emptyWorld(), { "routes.yaml": routes("v1"), "other.yaml": other });
  const gone = edit(broken, { "other.yaml": undefined });
  t.deepEqual(held(gone), []);
  t.is(gone.compiled.mesh.services.length, 0);
});

test("routes to a host that was missing do not keep it out, whichever port or subset of it they want", (t) => {
  for (const text of [routes("v1"), routes("v1").replace("subset: v1", "port: { number: 9999 }")]) {
    const broken = edit(emptyWorld(), { "routes.yaml": text, "other.yaml": other });
    const come = edit(broken, { "service.yaml": service() });
    t.deepEqual(held(come), []);
    t.is(come.compiled.mesh.services.length, 2);
  }
});
