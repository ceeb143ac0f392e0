// Sidecars made up at random, what they are about, and calls that come close to what they listen for. In: nothing. Out: arbitraries, and
// whom the mesh has to have for them.

import fc from "fast-check";
import { labelsOf, type Member, namespaceOf, ports } from "../end-to-end/cast.ts";
import {
  type Call,
  type Egress,
  type Mode,
  rootNamespace,
  type Service,
  type Sidecar,
  type World,
} from "./sidecar.ts";
import type { Ingress, Pool, Rule, Workload } from "./sidecar-ingress.ts";

export const net = 52;
export const callers = [
  { name: "client-v1", at: 1, envoy: "sidecar", serves: [] },
  { name: "client-v2", at: 2, envoy: "sidecar", serves: [] },
  { name: "stranger-v1", at: 3, envoy: "sidecar", namespace: "elsewhere", serves: [] },
  { name: "keeper-v1", at: 4, envoy: "sidecar", namespace: rootNamespace, serves: [] },
] as const satisfies readonly Member[];
export const servers = [
  { name: "reviews", at: 11 },
  { name: "ratings", at: 12, namespace: "elsewhere" },
  { name: "api", at: 13 },
] as const satisfies readonly Member[];
/** Nobody's in the mesh. */
export const outside = { address: `127.0.${net}.21`, port: 21200, socketPort: 21201 };
/** Where the callers' applications are besides their own addresses: on localhost and on a socket. */
export const localPort = 21952;
export const socket = `/tmp/fairlead-meaning-${net}.sock`;

export const doors = [21000, 21001, 21002] as const;
const exits = [21090, 21091, 21092] as const;
export const workloads: readonly Workload[] = callers.map((member) => ({
  name: member.name,
  namespace: namespaceOf(member),
  labels: labelsOf(member),
  address: `127.0.${net}.${member.at}`,
}));
const services: readonly Service[] = [
  {
    host: "reviews.shop.svc.cluster.local",
    namespace: "shop",
    server: "reviews",
    ports: { 80: "HTTP", 21090: "HTTP", 21091: "TCP" },
  },
  {
    host: "ratings.elsewhere.svc.cluster.local",
    namespace: "elsewhere",
    server: "ratings",
    ports: { 80: "HTTP", 21090: "HTTP", 21091: "TCP", 21092: "TCP" },
  },
  { host: "api.example", namespace: "elsewhere", server: "api", ports: { 21090: "TCP", 21091: "HTTP" } },
  ...workloads
    .filter(({ labels }) => labels.app === "stranger")
    .map(
      (server): Service => ({
        host: "stranger.elsewhere.svc.cluster.local",
        namespace: "elsewhere",
        server,
        ports: { 21000: "HTTP", 21001: "HTTP", 21002: "HTTP" },
      }),
    ),
];
const secondAddress = ({ address }: Workload) => address.replace(/\d+$/, (last) => `${100 + Number(last)}`);

const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });
/** Without what is undefined. */
const present = <T>(made: object) =>
  Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as T;
const some = <T>(numbers: readonly number[], each: (number: number) => fc.Arbitrary<T>) =>
  fc.shuffledSubarray([...numbers], { minLength: 2 }).chain((chosen) => fc.tuple(...chosen.map(each)));

const portOf = (number: number, protocols: readonly (string | undefined)[]) =>
  fc
    .constantFrom(...protocols)
    .map((protocol) => present<Ingress["port"]>({ number, protocol, name: `port-${number}` }));
const captureMode = fc.constantFrom(undefined, "DEFAULT", "NONE", "NONE", "IPTABLES");
const limit = fc.integer({ min: 10, max: 99 });
const pool = fc
  .record({
    tcp: maybe(limit.map((maxConnections) => ({ maxConnections }))),
    http: maybe(limit.map((maxRetries) => ({ maxRetries }))),
  })
  .map((made) => present<Pool>(made))
  .filter((made) => Object.keys(made).length > 0);
const [own, ownToo] = [ports.application, ports.tcpApplication];
const ingressAt = (number: number, bind: fc.Arbitrary<string | undefined>) =>
  fc
    .record({
      port: portOf(number, [undefined, "HTTP", "HTTP", "http", "GRPC", "TCP", "TCP", "MONGO"]),
      bind,
      captureMode,
      defaultEndpoint: fc.constantFrom(
        undefined,
        ...[`0.0.0.0:${own}`, `0.0.0.0:${ownToo}`, `[::]:${own}`, `127.0.0.1:${localPort}`],
        ...[`[::1]:${localPort}`, `unix://${socket}`, `0.0.0.0:${localPort}`, `127.0.0.1:${ownToo}`],
      ),
      connectionPool: maybe(pool),
    })
    .map((made) => present<Ingress>(made));
const hosts = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom("*", "*", ".", "shop", "elsewhere", "~"),
      fc.constantFrom("*", ...services.map(({ host }) => host), "*.svc.cluster.local", "*.example"),
    )
    .map(([from, pattern]) => (from === "~" ? "~/*" : `${from}/${pattern}`)),
  { minLength: 1, maxLength: 3 },
);
const egressAt = (number: number, bind: fc.Arbitrary<string | undefined>) =>
  fc
    .record({
      port: portOf(number, ["HTTP", "HTTP", "HTTP2", "GRPC", "TCP", "TCP", "MONGO"]),
      bind,
      captureMode,
      hosts,
    })
    .map((made) => present<Egress>(made));
const rest = fc.record({ captureMode, hosts }).map((made) => present<Egress>(made));

const mode = fc.constantFrom<Mode>("ALLOW_ANY", "REGISTRY_ONLY");
const selector = fc.constantFrom(
  ...[undefined, undefined, { version: "v1" }, { version: "v1" }, { version: "v2" }, { app: "client" }].map(
    (labels) => labels && { labels },
  ),
  { labels: { app: "client", version: "v1" } },
  { labels: {} },
);

/** A second address of whoever has it, if only one can: two cannot share one. */
function ownBind(namespace: string, selected: { readonly labels: object } | undefined) {
  const [first, second] = workloads.filter(
    ({ labels, ...each }) =>
      (each.namespace === namespace || (namespace === rootNamespace && !selected)) &&
      Object.entries(selected?.labels ?? {}).every(([key, value]) => labels[key] === value),
  );
  return first && !second ? maybe(fc.constant(secondAddress(first)), 1) : fc.constant(undefined);
}

const sidecar: fc.Arbitrary<Omit<Sidecar, "age">> = fc
  .tuple(fc.constantFrom("shop", "shop", "shop", "elsewhere", "elsewhere", rootNamespace), selector)
  .chain(([namespace, workloadSelector]) => {
    const bind = ownBind(namespace, workloadSelector);
    const listeners = some(exits, (number) => egressAt(number, bind));
    return fc
      .record({
        ingress: maybe(
          some(doors, (number) => ingressAt(number, bind)),
          5,
        ),
        egress: maybe(
          fc.oneof(
            listeners,
            fc.tuple(rest),
            fc.tuple(listeners, rest).map(([some, last]) => [...some, last]),
          ),
          5,
        ),
        outboundTrafficPolicy: maybe(fc.record({ mode }, { requiredKeys: [] })),
        inboundConnectionPool: maybe(pool),
      })
      .filter((made) => Object.values(made).some((value) => value !== undefined))
      .map((made) => ({ namespace, spec: present<Sidecar["spec"]>({ workloadSelector, ...made }) }));
  });

const rule = fc
  .record({
    app: fc.constantFrom("client", "stranger"),
    connectionPool: maybe(pool),
    portLevelSettings: maybe(
      some(doors, (number) => pool.map((connectionPool) => ({ port: { number }, connectionPool }))),
    ),
  })
  .map((made) => present<Rule>(made))
  .filter((made) => Object.keys(made).length > 1);

export const worlds: fc.Arbitrary<World> = fc.record({
  // Neither their order nor their names say how old they are.
  sidecars: fc
    .array(sidecar, { minLength: 2, maxLength: 7 })
    .chain((made) =>
      fc
        .shuffledSubarray([...made.keys()], { minLength: made.length })
        .map((ages) => made.map((each, index) => ({ ...each, age: ages[index] ?? 0 }))),
    ),
  services: fc.shuffledSubarray([...services], { minLength: services.length }),
  rules: fc.uniqueArray(rule, { maxLength: 2, selector: ({ app }) => app }),
  mode: maybe(mode),
});

const at = fc.constantFrom(...workloads);
const host = fc.constantFrom(...services.map((each) => each.host));
const viaProxy = (ports: readonly number[], to: fc.Arbitrary<string>, from = at): fc.Arbitrary<Call> =>
  fc.record({ at: from, address: fc.constant(undefined), port: fc.constantFrom(...ports), host: to });
const toPort = (numbers: readonly number[]): fc.Arbitrary<Call> =>
  fc
    .record({
      at,
      isSecond: fc.constantFrom(false, false, false, true),
      port: fc.constantFrom(...numbers),
      host,
    })
    .map(({ isSecond, ...made }) => ({
      ...made,
      address: isSecond ? secondAddress(made.at) : made.at.address,
    }));
export const calls: fc.Arbitrary<Call> = fc.oneof(
  viaProxy([80, ...exits], host),
  viaProxy(
    doors,
    fc.constant("stranger.elsewhere.svc.cluster.local"),
    at.filter(({ namespace }) => namespace !== "elsewhere"),
  ),
  viaProxy([outside.port, outside.port, 80], fc.constant(outside.address)),
  toPort(doors),
  toPort(doors),
  toPort(exits),
  toPort(exits),
);
