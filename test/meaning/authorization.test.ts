// Authorization policies made up at random, and requests of three clients: who is let in is who the reference says.

import test from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import { ports, serviceFile } from "../end-to-end/cast.ts";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import {
  type Condition,
  type Inbound,
  isAllowed,
  type Operation,
  type Policy,
  type Rule,
  type Source,
} from "./authorization.ts";
import { compare } from "./compare.ts";

const server = { namespace: "shop", labels: { app: "reviews", version: "v1" }, port: ports.service };
const authority = "reviews.shop:9080";
const senders = [
  { name: "client", from: { namespace: "shop", serviceAccount: "client" } },
  { name: "stranger", from: { namespace: "elsewhere", serviceAccount: "stranger" } },
  /** Nobody's sidecar is in its way. */
  { name: undefined, from: undefined },
] as const;

interface Request extends Pick<Inbound, "method" | "path" | "headers"> {
  readonly sender: (typeof senders)[number];
  readonly query: string;
}

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 30,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "stranger", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] },
      { name: "reviews-v1", at: 3, envoy: "sidecar" },
    ],
    files: { "services.yaml": serviceFile("reviews") },
  });
});

test.after.always(() => mesh?.stop());

const among = (...values: readonly string[]) => fc.subarray([...values], { minLength: 1, maxLength: 2 });
/** One or two of the fields. */
const few = <T extends object>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc
    .tuple(fc.record(fields), fc.subarray(Object.keys(fields), { minLength: 1, maxLength: 2 }))
    .map(
      ([all, names]) =>
        Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) as Partial<T>,
    );

const principals = among(
  "cluster.local/ns/shop/sa/client",
  "cluster.local/ns/elsewhere/*",
  "*/sa/client",
  "*",
);
const namespaces = among("shop", "else*", "*here", "*");
const accounts = among("client", "shop/client", "elsewhere/stranger", "stranger");
const blocks = among("127.0.0.0/8", "10.0.0.0/8");
const source: fc.Arbitrary<Source> = fc.oneof(
  few<Source>({
    principals,
    notPrincipals: principals,
    namespaces,
    notNamespaces: namespaces,
    ipBlocks: blocks,
    notIpBlocks: blocks,
    requestPrincipals: among("*", "issuer/*"),
    notRequestPrincipals: among("*", "issuer/*"),
  }),
  few<Source>({ serviceAccounts: accounts, notServiceAccounts: accounts, ipBlocks: blocks }),
);

const hosts = among("reviews.shop:9080", "REVIEWS.shop*", "*:9080", "reviews", "*");
const numbers = among(`${ports.service}`, "80");
const methods = among("GET", "P*", "*T", "*");
const paths = among("/a", "/a/*", "*/b", "*", "/{*}/b", "/a/{**}", "/a/{*}");
const operation: fc.Arbitrary<Operation> = few<Operation>({
  hosts,
  notHosts: hosts,
  ports: numbers,
  notPorts: numbers,
  methods,
  notMethods: methods,
  paths,
  notPaths: paths,
});

const condition: fc.Arbitrary<Condition> = fc.oneof(
  ...[
    { key: "source.principal", values: principals },
    { key: "source.namespace", values: namespaces },
    { key: "source.ip", values: blocks },
    { key: "destination.port", values: numbers },
    { key: "request.headers[x-a]", values: among("1", "1*", "*2", "*") },
  ].map(({ key, values }) =>
    few<Omit<Condition, "key">>({ values, notValues: values }).map((more) => ({ key, ...more })),
  ),
);

const rule: fc.Arbitrary<Rule> = fc.record(
  {
    from: fc.array(
      source.map((each) => ({ source: each })),
      { minLength: 1, maxLength: 2 },
    ),
    to: fc.array(
      operation.map((each) => ({ operation: each })),
      { minLength: 1, maxLength: 2 },
    ),
    when: fc.array(condition, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const selector = fc
  .constantFrom({ app: "reviews" }, { version: "v1" }, { version: "v2" })
  .map((matchLabels) => ({ matchLabels }));
const rules = fc.array(rule, { minLength: 1, maxLength: 3 });
const spec: fc.Arbitrary<Policy["spec"]> = fc.oneof(
  {
    arbitrary: fc.record(
      { selector, action: fc.constantFrom("ALLOW", "DENY", "AUDIT"), rules },
      { requiredKeys: ["rules"] },
    ),
    weight: 12,
  },
  // Only an ALLOW policy may be without: it lets nobody in.
  { arbitrary: fc.record({ selector, action: fc.constant("ALLOW") }, { requiredKeys: [] }), weight: 1 },
);

const policy: fc.Arbitrary<Policy> = fc.record({
  namespace: fc.constantFrom("shop", "shop", "istio-system", "elsewhere"),
  spec,
});

const request: fc.Arbitrary<Request> = fc.record({
  sender: fc.constantFrom(...senders),
  method: fc.constantFrom("GET", "POST", "PUT"),
  path: fc.constantFrom("/", "/a", "/a/b", "/a/b/c", "/x/b", "/a/"),
  query: fc.constantFrom("", "?q=/a"),
  headers: fc.constantFrom<Inbound["headers"]>({}, { "x-a": "1" }, { "x-a": "12" }, { "x-a": "3" }),
});

test("a workload lets in whom the reference lets in", (t) =>
  compare(t, {
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
    requests: request,
    requestsPerPolicy: 30,
    apply: async (policies) => {
      const texts = policies.map(textOf);
      await mesh.policy(...texts);
      return texts.join("---\n");
    },
    expected: (policies, { sender, ...inbound }) =>
      isAllowed(policies, { ...inbound, authority, from: sender.from }, server) ? 200 : 403,
    actual: async (each) => (await send(each)).status,
    kind: (status) => `${status}`,
  }));

function textOf({ namespace, spec }: Policy, index: number): string {
  return stringify({
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: `policy-${index}`, namespace },
    spec,
  });
}

function send({ sender, method, path, query, headers }: Request) {
  const { name } = sender;
  if (name) return mesh.call(name, `http://${authority}${path}${query}`, { method, headers });
  const options = { method, path: path + query, port: ports.service };
  return mesh.knock("reviews-v1", { ...options, headers: { ...headers, host: authority } });
}
