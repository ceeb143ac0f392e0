// VirtualServices, made up at random.

import fc from "fast-check";
import { type JsonObject, member, textsIn, without } from "../json.ts";
import { list, object, oneOf, optional, record, someOf } from "./arbitraries.ts";
import { exportTo, hostPatterns, namespaces, portsOf } from "./mesh.ts";

const toGateway = ["istio-system/gw"];
const text = fc.oneof(
  oneOf("/a", "/b/", "x").map((exact) => ({ exact })),
  oneOf("/a", "/b/", "x").map((prefix) => ({ prefix })),
  oneOf("/a.*", "x|y").map((regex) => ({ regex })),
);
const byHeader = optional(
  fc.dictionary(oneOf("x-a", "x-b", "cookie"), fc.oneof(text, fc.constant({})), { minKeys: 1, maxKeys: 2 }),
);
const match = record({
  name: optional(oneOf("m1", "m2")),
  uri: optional(text),
  scheme: optional(oneOf("http", "https").map((exact) => ({ exact }))),
  method: optional(oneOf("GET", "POST").map((exact) => ({ exact }))),
  authority: optional(text),
  headers: byHeader,
  withoutHeaders: byHeader,
  queryParams: byHeader,
  port: optional(oneOf(80, 9080, 443), 4),
  sourceLabels: optional(oneOf({ app: "client" }, { app: "stranger" }, { app: "client", version: "v9" }), 4),
  sourceNamespace: optional(namespaces, 4),
  gateways: optional(oneOf(["mesh"], toGateway, ["mesh", ...toGateway]), 5),
  ignoreUriCase: optional(fc.boolean()),
})
  // A gateway is none of the sources that labels and namespaces are about.
  .map((made) => (made.gateways ? without(made, "sourceLabels", "sourceNamespace") : made));
const matches = optional(list(match, 1, 2), 1);

const destination = oneOf(...Object.keys(portsOf)).chain((host) =>
  record({
    host: fc.constant(host),
    subset: optional(oneOf("v1", "v2"), 4),
    port: oneOf(...(portsOf[host] ?? [])).map((number) => ({ number })),
  }),
);
const percentage = oneOf(0, 0.05, 12.5, 50, 100).map((value) => ({ value }));
const duration = oneOf("0.5s", "1.5s", "10s");

const headerChange = (set: fc.Arbitrary<JsonObject>) =>
  someOf({
    set: optional(set),
    add: optional(oneOf({ "x-add": "a" }, { "x-add": "a", "x-b": "b" })),
    remove: optional(oneOf(["x-a"], ["x-a", "x-b"])),
  });
const headers = someOf({
  request: optional(
    headerChange(
      oneOf({ "x-s": "1" }, { host: "h.example" }, { ":authority": "a.example", "x-s": "%REQ(x)%" }),
    ),
  ),
  response: optional(headerChange(oneOf({ "x-s": "1" }))),
});

const retries = fc.oneof(
  oneOf({ attempts: 0 }),
  record({
    attempts: oneOf(1, 3),
    perTryTimeout: optional(duration),
    retryOn: optional(oneOf("5xx", "503,reset", "gateway-error,retriable-4xx", "cancelled", "429")),
    retryRemoteLocalities: optional(fc.boolean()),
    retryIgnorePreviousHosts: optional(fc.boolean()),
    backoff: optional(oneOf("1s", "0.01s")),
  }),
);
const fault = someOf({
  delay: optional(record({ fixedDelay: oneOf("1s", "2s"), percentage: optional(percentage) })),
  abort: optional(record({ httpStatus: oneOf(400, 503), percentage: optional(percentage) })),
});
const corsPolicy = record({
  allowOrigins: list(text, 1, 2),
  allowMethods: optional(oneOf(["GET"], ["GET", "POST"])),
  allowHeaders: optional(oneOf(["x-a"])),
  exposeHeaders: optional(oneOf(["x-e"])),
  maxAge: optional(oneOf("24h", "1m")),
  allowCredentials: optional(fc.boolean()),
  unmatchedPreflights: optional(oneOf("FORWARD", "IGNORE", "UNSPECIFIED")),
});

/** With weights as soon as there are several. */
const destinations = (withHeaders: boolean) =>
  list(
    fc.record({
      destination,
      weight: oneOf(1, 10, 50),
      headers: withHeaders ? optional(headers, 4) : fc.constant(undefined),
    }),
    1,
    3,
  ).map((all) =>
    all.map(({ destination, weight, headers }) => ({
      destination,
      ...(all.length > 1 && { weight }),
      ...(headers && { headers }),
    })),
  );
const redirect = fc
  .tuple(
    someOf({
      uri: optional(oneOf("/new")),
      authority: optional(oneOf("new.example")),
      port: optional(oneOf(8443), 4),
      scheme: optional(oneOf("https")),
    }),
    record({ redirectCode: optional(oneOf(301, 302, 303, 307, 308)) }),
  )
  .map(([where, code]) => ({ ...where, ...code }));
const rewrite = fc.oneof(
  someOf({ uri: optional(oneOf("/", "/r", "/r/")), authority: optional(oneOf("rw.example")) }),
  fc.constant({ uriRegexRewrite: { match: "^/a/(.*)$", rewrite: "/\\1" } }),
);
const copies = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: record({ mirror: destination, mirrorPercentage: optional(percentage) }) },
  {
    weight: 1,
    arbitrary: record({ mirrors: list(record({ destination, percentage: optional(percentage) }), 1, 2) }),
  },
);
/** What happens to requests on their way, which delegates have from those who delegate to them. */
export const onTheWay = {
  timeout: optional(duration),
  retries: optional(retries),
  fault: optional(fault, 4),
  corsPolicy: optional(corsPolicy, 5),
  headers: optional(headers, 4),
  rewrite: optional(rewrite, 4),
};
const forward = fc
  .tuple(record({ route: destinations(true), ...onTheWay }), copies)
  .map(([route, more]) => ({ ...route, ...more }));
/** What becomes of requests that match. */
export const actions: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 6, arbitrary: forward },
  { weight: 1, arbitrary: record({ redirect, headers: optional(headers, 4) }) },
  {
    weight: 1,
    arbitrary: record({
      directResponse: record({ status: oneOf(200, 503), body: optional(oneOf({ string: "hello" })) }),
      headers: optional(headers, 4),
    }),
  },
);
const http = fc
  .tuple(record({ name: optional(oneOf("r1", "r2")), match: matches }), actions)
  .map(([which, action]) => ({ ...which, ...action }));

const connection = record({
  destinationSubnets: optional(oneOf(["10.0.0.0/8"], ["10.0.0.20/32"]), 4),
  port: optional(oneOf(443, 5432, 7000, 8443, 9000)),
  sourceLabels: optional(oneOf({ app: "client" }, { app: "stranger" }), 4),
  sourceNamespace: optional(namespaces, 5),
  gateways: optional(oneOf(["mesh"], toGateway), 5),
})
  // A gateway is none of the sources that labels and namespaces are about.
  .map((made) => (made.gateways ? without(made, "sourceLabels", "sourceNamespace") : made));
const tcp = record({ match: optional(list(connection, 1, 2), 1), route: destinations(false) });
const tls = record({
  // Without subnets: istiod takes those of one rule for those of all rules after it.
  match: connection.map((made) => [
    { ...without(made, "destinationSubnets"), sniHosts: ["tls.example.com"] },
  ]),
  route: destinations(false),
});

const gateways = optional(oneOf(["mesh"], toGateway, ["mesh", ...toGateway]));
const ofHttp = record({
  hosts: fc.oneof(
    { weight: 4, arbitrary: hostPatterns.map((host) => [host]) },
    {
      weight: 1,
      arbitrary: oneOf(
        ["api.example.com", "reviews"],
        ["www.example.com", "ratings.other.svc.cluster.local"],
      ),
    },
  ),
  gateways,
  http: list(http, 1, 3),
  exportTo,
});
const ofTcp = record({
  hosts: oneOf(["db.default.svc.cluster.local"], ["tcp.example.com"], ["any.default.svc.cluster.local"]),
  gateways,
  tcp: list(tcp, 1, 2),
  exportTo,
});
const ofTls = record({
  hosts: oneOf(["tls.example.com"], ["tls.example.com", "www.example.com"], ["*.example.com"]),
  gateways,
  tls: list(tls, 1, 2),
  exportTo,
});

const virtualService = object(
  "networking",
  "VirtualService",
  namespaces,
  fc.oneof(
    { weight: 5, arbitrary: ofHttp },
    { weight: 1, arbitrary: ofTcp },
    { weight: 1, arbitrary: ofTls },
  ),
);

/**
 * Whether one has requests for a wildcard and the other connections, but no requests, for a host that the wildcard covers. Fairlead does
 * something else then on purpose (docs/differences.md), and what differs does not tell.
 */
function areEntangled(one: JsonObject, other: JsonObject): boolean {
  const hostsOf = ({ spec }: JsonObject, ofRequests: boolean) =>
    (member(spec, "http") !== undefined) === ofRequests ? textsIn(member(spec, "hosts")) : [];
  const covers = (wide: JsonObject, narrow: JsonObject) =>
    hostsOf(wide, true).some(
      (host) => host.startsWith("*") && hostsOf(narrow, false).some((each) => each.endsWith(host.slice(1))),
    );
  return covers(one, other) || covers(other, one);
}

export const virtualServices = fc.uniqueArray(virtualService, { maxLength: 4, comparator: areEntangled });
