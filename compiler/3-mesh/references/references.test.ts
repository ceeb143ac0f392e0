import test from "ava";
import { object, pod, secret, service, worldOf } from "../../testing/world.ts";

/** Only what these checks say: `severity code: message`. */
function said(yaml: string): readonly string[] {
  return worldOf(yaml, { allowErrors: true })
    .diagnostics.filter(({ code }) => code !== "unsupported-field")
    .map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

const web = service("web") + pod("web", "10.0.0.1");
const routes = (spec: string, name = "routes", namespace = "default") =>
  object("VirtualService", name, spec, namespace);
const toHost = (destination: string) =>
  routes(`{hosts: [web], http: [{route: [{destination: {${destination}}}]}]}`);
const versions = object(
  "DestinationRule",
  "web",
  "{host: web, subsets: [{name: v1, labels: {version: v1}}]}",
);
const outside = (name: string, resolution: string, more = "") =>
  object(
    "ServiceEntry",
    name,
    `{hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: ${resolution}${more}}`,
  );
const entry = outside("api", "DNS");

for (const [title, yaml, ...expected] of [
  ["what exists is not mentioned", web + versions + toHost("host: web, subset: v1, port: {number: 80}")],
  [
    "a host that the namespace does not have",
    web + toHost("host: wbe"),
    'error host-not-found: no service is called wbe.default.svc.cluster.local; requests sent there get 503; did you mean "web.default.svc.cluster.local"?',
  ],
  [
    "a host of a namespace that the files say nothing of",
    web + toHost("host: api.other.svc.cluster.local"),
    "warning host-not-found: cannot check api.other.svc.cluster.local: namespace other has no services in these files",
  ],
  [
    "an outside host that the entries do not have",
    web + entry + toHost("host: www.example.org"),
    "error host-not-found: no service is called www.example.org; requests sent there get 503",
  ],
  [
    "a port that the service does not have",
    web + toHost("host: web, port: {number: 81}"),
    "error port-not-found: web.default.svc.cluster.local has no port 81; requests sent there get 503",
  ],
  [
    "a subset that nothing defines",
    web + versions + toHost("host: web, subset: v2"),
    'error subset-not-found: web.default.svc.cluster.local has no subset "v2"; requests sent there get 503; did you mean "v1"?',
  ],
  [
    "a mirror is a destination, too",
    web +
      routes("{hosts: [web], http: [{route: [{destination: {host: web}}], mirror: {host: web, subset: x}}]}"),
    'error subset-not-found: web.default.svc.cluster.local has no subset "x"; requests sent there get 503',
  ],
  [
    "two objects that route one host",
    web +
      toHost("host: web") +
      routes("{hosts: [web], http: [{route: [{destination: {host: web}}]}]}", "second"),
    "warning conflicting-routes: default/second routes web.default.svc.cluster.local, but so does default/routes, which counts wherever it has a route",
  ],
  [
    "a gateway that does not exist",
    web + routes("{hosts: [web], gateways: [gone], http: [{route: [{destination: {host: web}}]}]}"),
    "warning gateway-not-found: no gateway is called default/gone; these routes are not bound to it",
  ],
  [
    "a gateway that serves none of the hosts",
    web +
      object(
        "Gateway",
        "edge",
        "{selector: {app: web}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.example.com]}]}",
      ) +
      routes("{hosts: [b.example.com], gateways: [edge], http: [{route: [{destination: {host: web}}]}]}"),
    "warning ineffective-field: gateway default/edge serves none of the hosts b.example.com",
  ],
  [
    "a rule behind one that takes everything is said once",
    web +
      routes(
        "{hosts: [web], http: [{route: [{destination: {host: web}}]}, {route: [{destination: {host: web}}]}]}",
      ),
    "warning unreachable-route: no request gets here: an earlier rule (line 29) takes all of them",
  ],
  [
    "a delegate that does not exist",
    web + routes("{hosts: [web], http: [{delegate: {name: gone}}]}"),
    "error delegate-not-found: no route set default/gone without hosts can be delegated to",
  ],
  [
    "a selector without workloads",
    web + object("PeerAuthentication", "p", "{selector: {matchLabels: {app: gone}}, mtls: {mode: STRICT}}"),
    "warning selector-selects-nothing: no workload in namespace default has the labels app=gone",
  ],
  [
    "a policy of the root namespace for some workloads",
    web +
      object(
        "PeerAuthentication",
        "p",
        "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}",
        "istio-system",
      ),
    "warning selector-selects-nothing: in the root namespace istio-system this has no effect with a selector",
  ],
  [
    "a gateway without proxies",
    web +
      object(
        "Gateway",
        "edge",
        "{selector: {app: gone}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.example.com]}]}",
      ),
    "warning selector-selects-nothing: no gateway workload has the labels app=gone",
  ],
  [
    "two policies for one namespace",
    object("PeerAuthentication", "a", "{mtls: {mode: STRICT}}") +
      object("PeerAuthentication", "b", "{mtls: {mode: DISABLE}}"),
    "warning conflicting-policies: namespace default has two of these without a selector; this one has no effect",
  ],
  [
    "two scopes for one namespace",
    object("Sidecar", "a", '{egress: [{hosts: ["./*"]}]}') +
      object("Sidecar", "b", '{egress: [{hosts: ["*/*"]}]}'),
    "warning conflicting-scopes: namespace default has two of these without a selector; this one has no effect",
  ],
  [
    "a port of one proxy as plain HTTP and as TLS",
    web +
      secret("card", ["tls"]) +
      object(
        "Gateway",
        "edge",
        `{selector: {app: web}, servers: [
          {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]},
          {port: {number: 80, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: card}}]}`,
      ),
    "error conflicting-listener-port: port 80 is already a HTTP port of the same proxies; this server is not served",
  ],
  [
    "TLS for a host that another gateway of the same proxies opens already",
    web +
      secret("card", ["tls"]) +
      ["a", "b"]
        .map((name) =>
          object(
            "Gateway",
            name,
            `{selector: {app: web}, servers: [
          {port: {number: 443, name: https, protocol: HTTPS}, hosts: [${name}.example, "*.Shared.example"], tls: {mode: SIMPLE, credentialName: card}},
          {port: {number: 444, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}]}`,
          ),
        )
        .join(""),
    "warning conflicting-gateway-hosts: TLS for *.shared.example on port 443 of the same proxies is opened by default/a already; none of it comes here",
  ],
  [
    "a gateway's credential that is elsewhere",
    web +
      secret("card", ["tls"], "other") +
      object(
        "Gateway",
        "edge",
        `{selector: {app: web}, servers: [
          {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: card}}]}`,
      ),
    "warning credential-not-found: no credential is called card in namespace default",
  ],
  [
    "a destination's credential that is nowhere",
    web +
      object(
        "DestinationRule",
        "web",
        "{host: web, workloadSelector: {matchLabels: {app: web}}, trafficPolicy: {tls: {mode: MUTUAL, sni: web, credentialName: card}}}",
      ),
    "warning credential-not-found: no credential is called card",
  ],
  [
    "a destination's credential for all sidecars, where there are no gateways",
    web +
      secret("card", ["tls", "ca"]) +
      object(
        "DestinationRule",
        "web",
        "{host: web, trafficPolicy: {tls: {mode: SIMPLE, credentialName: card}}}",
      ),
    'warning ineffective-field: "credentialName" has no effect at sidecars without "workloadSelector": servers are verified by the system\'s CAs, and see no certificate',
  ],
  [
    "TCP services that nothing tells apart",
    service("a", { port: 5432, portName: "tcp" }) + service("b", { port: 5432, portName: "tcp" }),
    "warning conflicting-listener-port: b.default.svc.cluster.local and a.default.svc.cluster.local are both TCP on port 5432 without an address to tell them apart; connections go to a.default.svc.cluster.local",
  ],
  [
    "two entries for one host in one namespace, found in different ways",
    outside("a", "STATIC") + outside("b", "DNS"),
    "warning conflicting-services: api.example.com is defined twice in namespace default; this definition has no effect",
  ],
  [
    "of which one is nearer to somebody, the other to all else",
    outside("a", "STATIC") + outside("b", "DNS", ", exportTo: [shop]"),
  ],
  [
    "of which the second is also for somebody who does not see the first",
    outside("a", "STATIC", ", exportTo: [default]") + outside("b", "DNS", ", exportTo: [default, shop]"),
  ],
  ["of which one is for nobody", outside("a", "STATIC", ', exportTo: ["~"]') + outside("b", "DNS")],
  [
    "the older of two TCP services that nothing tells apart",
    service("a", { port: 5432, portName: "tcp" }) +
      service("b", { port: 5432, portName: "tcp" }).replace(
        "name: b,",
        'name: b, creationTimestamp: "2026-01-01T00:00:00Z",',
      ),
    "warning conflicting-listener-port: a.default.svc.cluster.local and b.default.svc.cluster.local are both TCP on port 5432 without an address to tell them apart; connections go to b.default.svc.cluster.local",
  ],
] as const) {
  test(title, (t) => t.deepEqual(said(yaml), expected));
}

const inMode = (interceptionMode: string, ingress: string) =>
  worldOf(
    object("Sidecar", "s", `{ingress: [{port: {number: 9080, protocol: HTTP, name: http}, ${ingress}}]}`),
    { allowErrors: true, meshConfig: `defaultConfig: {interceptionMode: ${interceptionMode}}` },
  ).diagnostics.map(({ severity, code }) => `${severity} ${code}`);

for (const [mode, ingress, ...expected] of [
  ["NONE", "defaultEndpoint: 127.0.0.1:8080"],
  ["NONE", "bind: 127.0.0.2", "warning missing-field"],
  ["NONE", "captureMode: IPTABLES", "warning ineffective-field"],
  ["REDIRECT", "captureMode: IPTABLES"],
  ["REDIRECT", "bind: 127.0.0.2"],
  ["REDIRECT", "captureMode: NONE", "warning missing-field"],
] as const) {
  test(`ingress with ${ingress} under ${mode}`, (t) => t.deepEqual(inMode(mode, ingress), expected));
}
