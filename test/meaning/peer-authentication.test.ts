// PeerAuthentications and DestinationRules made up at random, and calls through and past the client's sidecar: who is let in, and as
// whom, is what the reference says.

import test from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import { type Application, startApplication } from "../end-to-end/application.ts";
import { labelsOf, type Member, namespaceOf, ports, serviceAccountOf } from "../end-to-end/cast.ts";
import { type Answer, type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { compare } from "./compare.ts";
import { networkingText } from "./objects.ts";
import {
  type DestinationRule,
  type Mode,
  outcomeOf,
  type PeerPolicy,
  type Tls,
  type TrafficPolicy,
} from "./peer-authentication.ts";

const client: Member = { name: "client", at: 1, envoy: "sidecar", serves: [] };
const stranger: Member = { name: "stranger", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] };
const reviews: Member = { name: "reviews-v1", at: 3, envoy: "sidecar" };
const ratings: Member = { name: "ratings-v1", at: 5, envoy: "sidecar", namespace: "elsewhere" };
/** Of the same service as the first, but nobody's sidecar is in its way. */
const plain: Member = { name: "reviews-v2", at: 4 };

/** Both are HTTP: ports of the services, and those of the workloads behind them. */
const doors = [
  { port: 9080, workloadPort: ports.service },
  { port: 80, workloadPort: ports.tcp },
] as const;

interface Request {
  /** Undefined: plain text from nobody that the mesh knows. */
  readonly from: Member | undefined;
  readonly to: Member;
  /** A route leads to it. Without one the service is called as it is, until it is this workload that does what it has to. */
  readonly subset: string | undefined;
  readonly door: (typeof doors)[number];
}

let mesh: Mesh;
let behindSecondDoor: Application;

test.before(async () => {
  mesh = await startMesh({
    net: 38,
    members: [client, stranger, reviews, plain, ratings],
    files: {
      "services.yaml": [reviews, ratings].map(serviceText).join("---\n"),
      "scope-shop.yaml": scopeText("shop"),
      "scope-elsewhere.yaml": scopeText("elsewhere"),
    },
  });
  const { name } = plain;
  behindSecondDoor = await startApplication({ name, host: mesh.address(name), port: ports.tcp });
});

test.after.always(() => Promise.all([mesh?.stop(), behindSecondDoor?.stop()]));

const modes = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT", "STRICT"] as const;
const mtls = fc.record({ mode: fc.constantFrom<Mode>(...modes) });
const selector = fc
  .constantFrom({ app: "reviews" }, { app: "ratings" }, { version: "v1" }, { app: "reviews", version: "v2" })
  .map((matchLabels) => ({ matchLabels }));
const portLevelMtls = fc.dictionary(
  // Ports of a service are nothing to it.
  fc.constantFrom(...doors.flatMap(({ port, workloadPort }) => [`${workloadPort}`, `${port}`])),
  mtls,
  { minKeys: 1 },
);
const peerPolicy: fc.Arbitrary<Omit<PeerPolicy, "age">> = fc.oneof(
  fc.record({
    namespace: fc.constantFrom("shop", "elsewhere", "istio-system"),
    spec: fc.record({ mtls, selector: fc.constant({ matchLabels: {} }) }, { requiredKeys: [] }),
  }),
  fc.record({
    namespace: fc.constantFrom("shop", "shop", "elsewhere", "istio-system"),
    spec: fc.record({ selector, mtls, portLevelMtls }, { requiredKeys: ["selector"] }),
  }),
);
/** Neither their order nor their names say how old they are. */
const peerPolicies: fc.Arbitrary<readonly PeerPolicy[]> = fc
  .array(peerPolicy, { minLength: 1, maxLength: 6 })
  .chain((all) =>
    fc
      .shuffledSubarray([...all.keys()], { minLength: all.length })
      .map((ages) => all.map((each, index) => ({ ...each, age: ages[index] ?? 0 }))),
  );

const tls = fc.constantFrom<Tls>(
  { mode: "DISABLE" },
  { mode: "ISTIO_MUTUAL" },
  { mode: "ISTIO_MUTUAL" },
  { mode: "SIMPLE", insecureSkipVerify: true },
);
const atPort = fc.oneof(fc.record({ tls }), fc.constant({ loadBalancer: { simple: "RANDOM" as const } }));
const portLevelSettings = fc
  .subarray(
    doors.map((each) => each.port),
    { minLength: 1 },
  )
  .chain((some) => fc.tuple(...some.map((number) => atPort.map((each) => ({ port: { number }, ...each })))));
const trafficPolicy: fc.Arbitrary<TrafficPolicy> = fc.oneof(
  fc.record({ tls }),
  fc.record({ tls, portLevelSettings }, { requiredKeys: ["portLevelSettings"] }),
);
/** Every rule has both, so that no route to one is ever without. */
const subsets = fc.tuple(
  ...["v1", "v2"].map((name) => {
    const fixed = { name: fc.constant(name), labels: fc.constant({ version: name }) };
    return fc.record({ ...fixed, trafficPolicy }, { requiredKeys: ["name", "labels"] });
  }),
);
const ruleOf = (namespace: string, host: string): fc.Arbitrary<DestinationRule> => {
  const fixed = { namespace: fc.constant(namespace), host: fc.constant(host), subsets };
  return fc.record({ ...fixed, trafficPolicy }, { requiredKeys: ["namespace", "host", "subsets"] });
};
const rules: fc.Arbitrary<readonly DestinationRule[]> = fc
  .tuple(
    ...[reviews, ratings].map((member) => ruleOf("istio-system", hostOf(member))),
    ...["shop", "elsewhere"].flatMap((namespace) =>
      [hostOf(reviews), hostOf(ratings), "*.shop.svc.cluster.local"].map((host) =>
        fc.option(ruleOf(namespace, host), { nil: undefined, freq: 2 }),
      ),
    ),
  )
  .map((all) => all.filter((each) => each !== undefined));

const pastSidecars: fc.Arbitrary<Request> = fc.record({
  from: fc.constant(undefined),
  to: fc.constantFrom(reviews, ratings),
  subset: fc.constant(undefined),
  door: fc.constantFrom(...doors),
});
const viaSidecar: fc.Arbitrary<Request> = fc
  .record({
    from: fc.constantFrom(client, stranger),
    target: fc.constantFrom(
      { to: reviews, subset: "v1" },
      { to: plain, subset: "v2" },
      { to: ratings, subset: "v1" },
      ...[reviews, plain, ratings].map((to) => ({ to, subset: undefined })),
    ),
    door: fc.constantFrom(...doors),
  })
  .map(({ target, ...more }) => ({ ...more, ...target }));

test("a server lets in whom the reference lets in, as whom it says", (t) =>
  compare(t, {
    policies: fc.record({ policies: peerPolicies, rules }),
    requests: fc.oneof(pastSidecars, viaSidecar, viaSidecar, viaSidecar),
    requestsPerPolicy: 30,
    apply: async ({ policies, rules }) => {
      const texts = [
        ...policies.map(policyText),
        ...rules.map(ruleText),
        ...[reviews, ratings].map(routeText),
      ];
      await mesh.policy(...texts);
      return texts.join("---\n");
    },
    expected: ({ policies, rules }, { from, to, subset, door }) => {
      const outcome = outcomeOf(policies, rules, {
        from: from && { namespace: namespaceOf(from), serviceAccount: serviceAccountOf(from) },
        to: { namespace: namespaceOf(to), labels: labelsOf(to), hasSidecar: to.envoy !== undefined },
        workloadPort: door.workloadPort,
        service: { host: hostOf(to), namespace: namespaceOf(to), port: door.port },
        subset,
      });
      return { ...outcome, server: outcome.status === 200 ? to.name : "" };
    },
    actual: async (each) => {
      const { status, seen, server } = await send(each);
      const identity = /URI=([^;,]*)/.exec(seen?.headers["x-forwarded-client-cert"] ?? "")?.[1];
      return { status, ...(identity !== undefined && { identity }), server };
    },
    kind: ({ status, identity }) => (identity ? `${status} with an identity` : `${status}`),
  }));

function send({ from, to, subset, door }: Request): Promise<Pick<Answer, "status" | "seen" | "server">> {
  if (from) {
    const headers = subset === undefined ? {} : { "x-subset": subset };
    return mesh.call(from.name, `http://${hostOf(to)}:${door.port}/`, { headers });
  }
  const cut = { status: 0, seen: undefined, server: "" };
  return mesh.knock(to.name, { port: door.workloadPort }).catch(() => cut);
}

function hostOf(member: Member): string {
  return `${labelsOf(member).app}.${namespaceOf(member)}.svc.cluster.local`;
}

function policyText({ namespace, age, spec }: PeerPolicy, index: number): string {
  const metadata = { name: `policy-${index}`, namespace, creationTimestamp: `2026-01-01T00:00:0${age}Z` };
  return stringify({ apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata, spec });
}

function ruleText({ namespace, ...spec }: DestinationRule, index: number): string {
  return networkingText("DestinationRule", { name: `rule-${index}`, namespace }, spec);
}

/** Nothing is tried again: elsewhere it might succeed. */
function routeText(member: Member): string {
  const host = hostOf(member);
  const route = (subset?: string) => ({
    ...(subset && { match: [{ headers: { "x-subset": { exact: subset } } }] }),
    route: [{ destination: { host, ...(subset && { subset }) } }],
    retries: { attempts: 0 },
  });
  const spec = { hosts: [host], http: [route("v1"), route("v2"), route()] };
  return networkingText(
    "VirtualService",
    { name: labelsOf(member).app, namespace: namespaceOf(member) },
    spec,
  );
}

/** Two ports with HTTP instead of one. */
function scopeText(namespace: string): string {
  const ingress = doors.map(({ workloadPort }) => ({
    port: { number: workloadPort, protocol: "HTTP", name: `http-${workloadPort}` },
    defaultEndpoint: `0.0.0.0:${ports.application}`,
  }));
  return networkingText("Sidecar", { name: "default", namespace }, { ingress, egress: [{ hosts: ["*/*"] }] });
}

function serviceText(member: Member): string {
  const { app } = labelsOf(member);
  const metadata = { name: app, namespace: namespaceOf(member) };
  const served = doors.map(({ port, workloadPort }) => ({
    name: `http-${port}`,
    port,
    targetPort: workloadPort,
  }));
  return stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { selector: { app }, ports: served },
  });
}
