// DestinationRules, mesh defaults and questions made up at random, for `traffic-policy.test.ts`.

import fc from "fast-check";
import { labelsOf } from "../end-to-end/cast.ts";
import { rootNamespace } from "./lookup.ts";
import type { World } from "./traffic-policy.ts";
import type { Policy, Rule, Sections, TrafficPolicy } from "./traffic-rule.ts";
import type { Question } from "./traffic-values.ts";

export const clients = [
  { name: "client-v1", at: 1, envoy: "sidecar", namespace: "shop", serves: [] },
  { name: "client-v2", at: 2, envoy: "sidecar", namespace: "shop", serves: [] },
  { name: "stranger-v1", at: 3, envoy: "sidecar", namespace: "elsewhere", serves: [] },
  { name: "keeper-v1", at: 7, envoy: "sidecar", namespace: rootNamespace, serves: [] },
] as const;

/** The second has no routes, so that only what is said of the whole counts. */
export const services = ["reviews", "direct"] as const;

/** The last says nothing about what it speaks. */
export const ports = [
  { number: 80, name: "http", protocol: "http" },
  { number: 9080, name: "http-alt", protocol: "http" },
  { number: 7070, name: "http2-next", protocol: "http2" },
  { number: 6060, name: "any", protocol: "detected" },
] as const;

export const subsets = { all: { app: "reviews" }, v1: { version: "v1" } } as const;

/** Paths of PEM files. */
export interface Files {
  readonly roots: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** In the namespace of every client, with the same roots. */
export const credentialName = "vendor";

const some = <T>(fields: { readonly [Name in keyof T]: fc.Arbitrary<T[Name]> }) =>
  fc.record(fields, { requiredKeys: [] });

const table = fc.constantFrom(
  {},
  { ringHash: { minimumRingSize: 64 } },
  { maglev: { tableSize: 1021 } },
  { minimumRingSize: 32 },
);
const key = fc.oneof(
  fc.constantFrom(
    { httpHeaderName: "X-User" },
    { httpQueryParameterName: "user" },
    { useSourceIp: true as const },
  ),
  some({ path: fc.constantFrom("/", "/p"), ttl: fc.constantFrom("0s", "60s") }).map((more) => ({
    httpCookie: { name: "user", ...more },
  })),
);
const warmup = fc.constant({ duration: "20s" });
const loadBalancer: fc.Arbitrary<NonNullable<Sections["loadBalancer"]>> = fc.oneof(
  fc.record(
    {
      simple: fc.constantFrom("UNSPECIFIED", "LEAST_CONN", "LEAST_REQUEST", "RANDOM", "ROUND_ROBIN"),
      warmup,
    },
    { requiredKeys: ["simple"] },
  ),
  fc.tuple(key, table).map(([made, size]) => ({ consistentHash: { ...made, ...size } })),
);

const spoken = fc
  .tuple(
    fc.constantFrom(undefined, "DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"),
    fc.constantFrom(undefined, undefined, true, false),
  )
  .map(([h2UpgradePolicy, useClientProtocol]) => ({
    ...(h2UpgradePolicy && { h2UpgradePolicy }),
    // Istio refuses both.
    ...(useClientProtocol !== undefined && h2UpgradePolicy !== "UPGRADE" && { useClientProtocol }),
  }));
const http = fc
  .tuple(
    some({
      http1MaxPendingRequests: fc.constantFrom(1, 2),
      http2MaxRequests: fc.constantFrom(1, 3),
      maxRequestsPerConnection: fc.constantFrom(1, 2),
      maxRetries: fc.constantFrom(1, 7),
      idleTimeout: fc.constantFrom("10m", "20m"),
      maxConcurrentStreams: fc.constant(100),
    }),
    spoken,
  )
  .map(([made, more]) => ({ ...made, ...more }));
const tcp = some({
  maxConnections: fc.constantFrom(1, 2),
  connectTimeout: fc.constantFrom("500ms", "3s"),
  tcpKeepalive: some({
    probes: fc.constant(4),
    time: fc.constant("60s"),
    interval: fc.constant("20s"),
  }),
  maxConnectionDuration: fc.constant("2h"),
  idleTimeout: fc.constantFrom("30m", "40m"),
});
const connectionPool: fc.Arbitrary<NonNullable<Sections["connectionPool"]>> = fc.oneof(
  fc.record({ tcp, http }),
  fc.record({ tcp }),
  fc.record({ http }),
);

const outlierDetection: fc.Arbitrary<NonNullable<Sections["outlierDetection"]>> = fc
  .record(
    {
      consecutive5xxErrors: fc.constantFrom(0, 1, 3),
      consecutiveGatewayErrors: fc.constantFrom(0, 1, 2, 4),
      local: fc.constantFrom(undefined, 3),
      maxEjectionPercent: fc.constantFrom(100, 100, 100, 50),
      minHealthPercent: fc.constantFrom(0, 0, 50),
    },
    { requiredKeys: [] },
  )
  .map(({ local, ...more }) => ({
    ...more,
    ...(local && { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: local }),
    interval: "50ms",
    baseEjectionTime: "150ms",
  }));

const tlsOf = ({ roots, certificate, privateKey }: Files): fc.Arbitrary<NonNullable<Sections["tls"]>> => {
  const sni = fc.constantFrom("sni.test", "good.test");
  const subjectAltNames = fc.constantFrom(["good.test"], ["bad.test", "good.test"], ["bad.test"]);
  const own = fc.constantFrom(
    { mode: "SIMPLE" as const },
    { mode: "MUTUAL" as const, clientCertificate: certificate, privateKey },
  );
  const trusting = some({ sni }).map((more) => ({ ...more, insecureSkipVerify: true }));
  const checking = fc
    .tuple(some({ sni, subjectAltNames }), fc.constantFrom(roots, roots, roots, undefined))
    .map(([more, caCertificates]) => ({ ...more, ...(caCertificates && { caCertificates }) }));
  return fc.oneof(
    {
      arbitrary: fc.constantFrom({ mode: "DISABLE" as const }, { mode: "ISTIO_MUTUAL" as const }),
      weight: 2,
    },
    {
      arbitrary: fc.tuple(own, fc.oneof(trusting, checking)).map(([made, more]) => ({ ...made, ...more })),
      weight: 4,
    },
    {
      arbitrary: some({ sni, subjectAltNames }).map((more) => ({
        mode: "SIMPLE" as const,
        credentialName,
        ...more,
      })),
      weight: 1,
    },
  );
};

const proxyProtocol = fc.constantFrom({}, { version: "V1" as const }, { version: "V2" as const });
const retryBudget = some({ percent: fc.constantFrom(35, 50), minRetryConcurrency: fc.constantFrom(2, 6) });
const hosts = ["reviews.shop.svc.cluster.local", "direct.shop.svc.cluster.local"] as const;

export const worldsWith = (files: Files): fc.Arbitrary<World> => {
  /** In so many of ten. */
  const often = <T>(made: fc.Arbitrary<T>, weight: number) =>
    fc.oneof({ arbitrary: fc.constant(undefined), weight: 10 - weight }, { arbitrary: made, weight });
  const given = <T extends object>(made: T) =>
    Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as {
      [Name in keyof T]: Exclude<T[Name], undefined>;
    };
  const sections: fc.Arbitrary<Sections> = fc
    .record({
      loadBalancer: often(loadBalancer, 5),
      connectionPool: often(connectionPool, 5),
      outlierDetection: often(outlierDetection, 5),
      // Seldom: nothing else can be seen of what is not reached.
      tls: often(tlsOf(files), 3),
    })
    .map(given);
  const notEmpty = (made: object) => Object.keys(made).length > 0;
  const portLevelSettings = fc
    .subarray([...ports.map(({ number }) => number), 21000], { minLength: 1, maxLength: 3 })
    .chain((numbers) =>
      fc.tuple(
        ...numbers.map((number) => sections.filter(notEmpty).map((made) => ({ port: { number }, ...made }))),
      ),
    );
  const trafficPolicy: fc.Arbitrary<TrafficPolicy> = fc
    .tuple(
      sections,
      fc
        .record({ proxyProtocol: often(proxyProtocol, 3), retryBudget: often(retryBudget, 3) })
        .map((made): Policy => given(made)),
      fc.oneof(fc.constant({}), fc.record({ portLevelSettings })),
    )
    .map(([wide, more, narrow]) => ({ ...wide, ...more, ...narrow }))
    .filter(notEmpty);
  const subset = (name: string) =>
    fc.record({ name: fc.constant(name), trafficPolicy }, { requiredKeys: ["name"] });
  const rule: fc.Arbitrary<Rule> = fc
    .record({
      place: fc.constantFrom(
        ...["shop", "elsewhere", rootNamespace].flatMap((namespace) =>
          [hosts[0], hosts[0], ...hosts, "*.shop.svc.cluster.local", "*.local"].map((host) => ({
            namespace,
            host,
          })),
        ),
        ...services.map((host) => ({ namespace: "shop", host })),
      ),
      workloadSelector: fc
        .constantFrom(
          undefined,
          undefined,
          undefined,
          { version: "v1" },
          { app: "client" },
          { app: "nobody" },
        )
        .map((matchLabels) => matchLabels && { matchLabels }),
      trafficPolicy: often(trafficPolicy, 8),
      subsets: fc.oneof(
        { arbitrary: fc.constant([]), weight: 1 },
        { arbitrary: fc.tuple(subset("all"), subset("v1")), weight: 3 },
        { arbitrary: fc.tuple(subset("v1")), weight: 1 },
      ),
    })
    .map(({ place, subsets, ...more }) => ({ ...place, subsets, ...given(more) }));
  const eldest: Rule = {
    namespace: rootNamespace,
    host: hosts[0],
    subsets: Object.keys(subsets).map((name) => ({ name })),
  };
  const defaults: fc.Arbitrary<World["defaults"]> = fc
    .record({
      h2UpgradePolicy: fc.constantFrom(undefined, undefined, "DO_NOT_UPGRADE", "UPGRADE"),
      tcpKeepalive: fc.constantFrom(undefined, { probes: 9, time: "300s" }),
      defaultTrafficPolicy: often(
        fc
          .record({ connectionPool: often(connectionPool, 7), outlierDetection: often(outlierDetection, 7) })
          .map(given),
        6,
      ),
    })
    .map(given);
  return fc.record({
    // What routes refer to comes first.
    rules: fc.array(rule, { minLength: 1, maxLength: 5 }).map((made) => [eldest, ...made]),
    defaults,
  });
};

export type Wish = Omit<Question, "client"> & { readonly client: (typeof clients)[number] };

export const wishes: fc.Arbitrary<Wish> = fc
  .record({
    client: fc.constantFrom(...clients),
    ask: fc.constantFrom("call", "keys", "settings", "settings"),
    target: fc.constantFrom(
      { name: "reviews", subset: undefined },
      { name: "direct", subset: undefined },
      { name: "reviews", subset: "all" },
      { name: "reviews", subset: "v1" },
    ),
    port: fc.constantFrom(...ports),
    isShort: fc.constantFrom(true, false, false),
    speaks: fc.constantFrom("1.1" as const, "1.1" as const, "2" as const),
    key: fc.constantFrom("header" as const, "query" as const, "cookie" as const),
  })
  .map(({ target: { name, subset }, ask, port, isShort, client, speaks, ...more }) => {
    const host = `${name}.shop.svc.cluster.local`;
    return {
      ...more,
      // Of one server nothing can be told by who answers.
      ask: ask === "keys" && subset === "v1" ? "call" : ask,
      subset,
      client,
      service: { host, namespace: "shop" },
      port: port.number,
      protocol: port.protocol,
      // Only what it is about is asked in HTTP/2.
      speaks: ask === "call" ? speaks : "1.1",
      authority: isShort && client.namespace === "shop" ? name : host,
    };
  });

export function questionOf({ client, ...more }: Wish): Question {
  return { ...more, client: { namespace: client.namespace, labels: labelsOf(client) } };
}
