// Services, VirtualServices, DestinationRules and Sidecars of three namespaces, made up at random: what a client of each reaches, and by which of
// them, is what the reference says. Who had a say is seen by a header that routes add and by the cookie that a rule's hashing sets.

import test from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import { ports } from "../end-to-end/cast.ts";
import { type Answer, type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { compare } from "./compare.ts";
import { rootNamespace } from "./lookup.ts";
import { networkingText } from "./objects.ts";
import { type Outcome, outcomeOf, type Routes, type Rule, type Service, type World } from "./visibility.ts";

const clients = [
  { name: "client", at: 1, envoy: "sidecar", namespace: "shop", serves: [] },
  { name: "stranger", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] },
  { name: "keeper", at: 7, envoy: "sidecar", namespace: rootNamespace, serves: [] },
] as const;
const servers = [
  { name: "reviews", at: 3 },
  { name: "ratings", at: 4, namespace: "elsewhere" },
  { name: "shop-api", at: 5 },
  { name: "elsewhere-api", at: 6, namespace: "elsewhere" },
] as const;

const reviews = "reviews.shop.svc.cluster.local";
const ratings = "ratings.elsewhere.svc.cluster.local";
const api = "api.example";
const hosts = [reviews, ratings, api] as const;
const patterns = [...hosts, "*.shop.svc.cluster.local", "*.svc.cluster.local", "*.example"] as const;

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({ net: 39, members: [...clients, ...servers] });
  await mesh.edit({ "scope-shop.yaml": undefined, "scope-elsewhere.yaml": undefined });
});

test.after.always(() => mesh?.stop());

const namespaces = ["shop", "elsewhere", rootNamespace] as const;
const namespace = fc.constantFrom(...namespaces);
const some = [["."], ["shop"], ["elsewhere"], ["shop", "elsewhere"], [".", "nowhere"]];
const exportTo = (...more: readonly string[][]) =>
  fc.oneof(fc.constantFrom(undefined, ["*"]), fc.constantFrom(...some, ...more));

/** There are always some of each host, so that nothing refers to what does not exist. */
const services: fc.Arbitrary<readonly Service[]> = fc
  .tuple(
    fc.subarray(["elsewhere", "shop"] as const, { minLength: 1 }),
    fc.array(exportTo(["~"]), { minLength: 4, maxLength: 4 }),
  )
  .map(([entries, exports]) =>
    [
      { host: reviews, namespace: "shop", server: "reviews" },
      { host: ratings, namespace: "elsewhere", server: "ratings" },
      ...entries.map((each) => ({ host: api, namespace: each, server: `${each}-api` })),
    ].map((each, index) => exported(each, exports[index])),
  );

const destination = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 1 },
  { arbitrary: fc.constantFrom(...hosts).map((host) => ({ host })), weight: 2 },
  { arbitrary: fc.constant({ host: ratings, subset: "one" }), weight: 2 },
);

const routes: fc.Arbitrary<readonly Routes[]> = fc
  .array(fc.tuple(namespace, fc.constantFrom(...patterns), exportTo(), destination), {
    minLength: 1,
    maxLength: 5,
  })
  .map((all) =>
    all.map(([namespace, host, exportTo, destination], index) =>
      exported({ name: `routes-${index}`, namespace, host, ...(destination && { destination }) }, exportTo),
    ),
  );

/** What routes refer to. */
const eldest: Rule = {
  name: "rule-eldest",
  namespace: rootNamespace,
  host: ratings,
  subsets: { one: "rule-eldest-one" },
};

const rules: fc.Arbitrary<readonly Rule[]> = fc
  .array(
    fc.tuple(
      namespace,
      fc.constantFrom(...patterns),
      exportTo(),
      fc.constantFrom({ own: true }, { own: true, one: true }, { one: false }, { own: true, one: false }),
    ),
    { minLength: 2, maxLength: 8 },
  )
  .map((all) => [
    eldest,
    ...all.map(([namespace, host, exportTo, { own, one }], index): Rule => {
      const name = `rule-${index}`;
      const subsets = one === undefined ? {} : { one: one ? `${name}-one` : undefined };
      return exported({ name, namespace, host, subsets, ...(own && { policy: name }) }, exportTo);
    }),
  ]);

const asked = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom("*", ".", "shop", "elsewhere", rootNamespace, "~"),
      fc.constantFrom(...patterns, "*"),
    )
    .map(([from, pattern]) => (from === "~" ? "~/*" : `${from}/${pattern}`)),
  { minLength: 1, maxLength: 3 },
);
const maybeAsked = fc.oneof(fc.constant(undefined), fc.constant(undefined), fc.constant(["*/*"]), asked);
const egress: fc.Arbitrary<World["egress"]> = fc.record({
  shop: maybeAsked,
  elsewhere: maybeAsked,
  [rootNamespace]: maybeAsked,
});

const usual = fc.constantFrom(undefined, undefined, undefined, ["*"], ["."]);
const defaults: fc.Arbitrary<World["defaults"]> = fc.record({ services: usual, routes: usual, rules: usual });

const request = fc.record({
  client: fc.constantFrom("shop", "elsewhere", rootNamespace),
  // No service has the last one.
  host: fc.constantFrom(...hosts, ...hosts, ...hosts, "other.example"),
});

test("a sidecar knows what the reference says, and does with it what the reference says", (t) =>
  compare(t, {
    policies: fc.record({ services, routes, rules, egress, defaults }),
    requests: request,
    requestsPerPolicy: 12,
    apply: async (world) => {
      const { services, routes, rules } = world.defaults;
      const config = stringify({
        defaultServiceExportTo: services,
        defaultVirtualServiceExportTo: routes,
        defaultDestinationRuleExportTo: rules,
      });
      const texts = textsOf(world);
      await mesh.configure(config.replace("{}", ""));
      await mesh.policy(...texts);
      return [config, ...texts].join("---\n");
    },
    expected: outcomeOf,
    actual: async ({ client, host }) => {
      const caller = clients.find(({ namespace }) => namespace === client)?.name ?? "";
      return outcomeSeen(await mesh.call(caller, `http://${host}/`));
    },
    kind: ({ status, server, routes, policy }) =>
      server === undefined
        ? `${status}`
        : ["reached", routes && "by routes", policy && "with policy"].filter(Boolean).join(" "),
  }));

function outcomeSeen({ status, headers, body, server, seen }: Answer): Outcome {
  const [cookie] = headers["set-cookie"] ?? [];
  const isOwn = status === 200 && server === "";
  return {
    status,
    server: server || undefined,
    routes: isOwn ? body : seen?.headers["x-routes"],
    policy: cookie?.split("=")[0],
  };
}

/** The younger first, so that it is not their order that counts. */
function textsOf({ services, routes, rules, egress }: World): readonly string[] {
  return [
    ...services.map(serviceText),
    ...routes.map(routesText).reverse(),
    ...rules.map(ruleText).reverse(),
    ...Object.entries(egress).map(([namespace, hosts]) =>
      hosts === undefined
        ? ""
        : networkingText("Sidecar", { name: "default", namespace }, { egress: [{ hosts }] }),
    ),
  ].filter((text) => text !== "");
}

function serviceText({ host, namespace, server, exportTo }: Service): string {
  if (host === api) {
    const address = mesh.address(server);
    return networkingText(
      "ServiceEntry",
      { name: server, namespace },
      {
        hosts: [host],
        exportTo,
        resolution: "STATIC",
        ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: ports.service }],
        endpoints: [{ address }],
      },
    );
  }
  const annotations = exportTo && { "networking.istio.io/exportTo": exportTo.join() };
  return stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: server, namespace, annotations },
    spec: {
      selector: { app: server },
      ports: [{ name: "http", port: 80, targetPort: ports.service }],
    },
  });
}

function routesText({ name, namespace, host, exportTo, destination }: Routes, age: number): string {
  const route = destination
    ? { route: [{ destination }], headers: { request: { set: { "x-routes": name } } } }
    : { directResponse: { status: 200, body: { string: name } } };
  const metadata = { name, namespace, creationTimestamp: dateOf(age) };
  return networkingText("VirtualService", metadata, { hosts: [host], exportTo, http: [route] });
}

function ruleText({ name, namespace, host, exportTo, policy, subsets }: Rule, age: number): string {
  const metadata = { name, namespace, creationTimestamp: dateOf(age) };
  return networkingText("DestinationRule", metadata, {
    host,
    exportTo,
    trafficPolicy: hashing(policy),
    subsets: Object.entries(subsets).map(([name, policy]) => ({ name, trafficPolicy: hashing(policy) })),
  });
}

/** A cookie that tells its name. */
function hashing(name: string | undefined) {
  return name === undefined
    ? undefined
    : { loadBalancer: { consistentHash: { httpCookie: { name, ttl: "60s" } } } };
}

function dateOf(age: number): string {
  return `2026-01-01T00:00:0${age}Z`;
}

function exported<T extends object>(object: T, exportTo: readonly string[] | undefined) {
  return { ...object, ...(exportTo && { exportTo }) };
}
