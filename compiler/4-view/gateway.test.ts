import test from "ava";
import { chainsOf, hostsOf } from "../testing/summary.ts";
import { object, pod, secret, service, worldOf } from "../testing/world.ts";
import type { ProxyView } from "./plan/index.ts";
import type { MeshProxy } from "./proxy.ts";

const edge = pod("edge", "10.0.0.9");
const web = "web.default.svc.cluster.local";
const api = "api.default.svc.cluster.local";

const gateway = (name: string, servers: string, namespace = "default") =>
  object("Gateway", name, `{selector: {app: edge}, servers: [${servers}]}`, namespace);

const http = (hosts: string, more = "") =>
  `{port: {number: 80, name: http, protocol: HTTP}, hosts: [${hosts}]${more}}`;

const https = (name: string, hosts: string, tls: string) =>
  `{port: {number: 443, name: ${name}, protocol: HTTPS}, hosts: [${hosts}], tls: {${tls}}}`;

const routes = (name: string, spec: string, namespace = "default") =>
  object("VirtualService", name, `{gateways: [default/edge], ${spec}}`, namespace);

const to = (host: string) =>
  `route: [{destination: {host: ${host}.default.svc.cluster.local, port: {number: 80}}}]`;

const services = service("web") + service("api");

function viewOf(yaml: string, changes: Partial<MeshProxy> = {}): ProxyView {
  return worldOf(edge + services + yaml, { allowErrors: true }).view("edge-9.default", changes);
}

test("a gateway routes the hosts that its servers and its route sets have in common", (t) => {
  const view = viewOf(
    gateway("edge", http("'*.example.com'")) +
      routes("web", `{hosts: [web.example.com, other.example.org], http: [{${to("web")}}]}`.slice(1, -1)) +
      routes("api", `{hosts: ["*"], http: [{${to("api")}}]}`.slice(1, -1)),
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_80"), ["any → routes http.80"]);
  t.deepEqual(hostsOf(view, "http.80"), [
    `*.example.com:80: outbound|80||${api}`,
    `web.example.com:80: outbound|80||${web}`,
  ]);
});

test("a server without routes answers 404", (t) => {
  const view = viewOf(gateway("edge", http("web.example.com")));
  t.deepEqual(hostsOf(view, "http.80"), ["blackhole:80: 404"]);
});

test("a server may take routes of one namespace alone", (t) => {
  const view = viewOf(
    gateway("edge", http("./web.example.com, shop/api.example.com")) +
      routes("a", `hosts: [web.example.com], http: [{${to("web")}}]`, "shop") +
      routes("b", `hosts: [api.example.com], http: [{${to("api")}}]`, "shop"),
  );
  t.deepEqual(hostsOf(view, "http.80"), [`api.example.com:80: outbound|80||${api}`]);
});

test("routes count if the gateway's proxy may see them, wherever its object is", (t) => {
  const hidden = (exportTo: string) =>
    viewOf(
      gateway("edge", http("web.example.com")) +
        routes("a", `hosts: [web.example.com], exportTo: [${exportTo}], http: [{${to("web")}}]`, "shop"),
    );
  t.deepEqual(hostsOf(hidden("'.'"), "http.80"), ["blackhole:80: 404"]);
  t.deepEqual(hostsOf(hidden("default"), "http.80"), [`web.example.com:80: outbound|80||${web}`]);
});

test("sets for one host add up, with what takes everything last", (t) => {
  const dated = (name: string, day: number, spec: string) =>
    routes(name, spec).replace("metadata: {", `metadata: {creationTimestamp: "2024-01-0${day}T00:00:00Z", `);
  const view = viewOf(
    gateway("edge", http("web.example.com")) +
      dated("all", 1, `hosts: [web.example.com], http: [{${to("web")}}]`) +
      dated("some", 2, `hosts: [web.example.com], http: [{match: [{uri: {prefix: /api}}], ${to("api")}}]`) +
      dated("late", 3, "hosts: [web.example.com], http: [{directResponse: {status: 418}}]"),
  );
  t.deepEqual(hostsOf(view, "http.80"), [`web.example.com:80: outbound|80||${api}, outbound|80||${web}`]);
});

test("matches are for the gateways and ports that they name", (t) => {
  const view = viewOf(
    gateway("edge", http("web.example.com")) +
      object(
        "VirtualService",
        "web",
        `{hosts: [web.example.com], gateways: [edge, mesh], http: [
          {match: [{gateways: [mesh]}], directResponse: {status: 401}},
          {match: [{port: 81}], directResponse: {status: 402}},
          {match: [{port: 80, gateways: [default/edge]}], directResponse: {status: 200}}]}`,
      ),
  );
  t.deepEqual(hostsOf(view, "http.80"), ["web.example.com:80: 200"]);
});

test("a rule for certain callers is not for whoever comes to the gateway", (t) => {
  const rule = (match: string) =>
    viewOf(
      gateway("edge", http("web.example.com")) +
        routes("a", `hosts: [web.example.com], http: [{match: [{${match}}], directResponse: {status: 200}}]`),
    );
  t.deepEqual(hostsOf(rule("sourceLabels: {app: client}"), "http.80"), ["blackhole:80: 404"]);
  t.deepEqual(hostsOf(rule("sourceNamespace: other"), "http.80"), ["blackhole:80: 404"]);
  t.deepEqual(hostsOf(rule("sourceLabels: {app: edge}"), "http.80"), ["web.example.com:80: 200"]);
});

test("every request to a redirecting server is sent to https, routed or not", (t) => {
  const view = viewOf(
    gateway("edge", http("'*.example.com', example.org", ", tls: {httpsRedirect: true}")) +
      routes("web", `hosts: [web.example.com], http: [{${to("web")}}]`),
  );
  t.deepEqual(hostsOf(view, "http.80"), [
    "*.example.com:80: https only",
    "example.org:80: https only",
    `web.example.com:80: outbound|80||${web}, https only`,
  ]);
});

const mapped = service("edge", { port: 80, target: 8080 });

test("a gateway listens where its service sends connections", (t) => {
  const view = viewOf(mapped + gateway("edge", http("'*'")));
  t.deepEqual(chainsOf(view, "0.0.0.0_8080"), ["any → routes http.8080"]);
});

test("servers of one port on two addresses have listeners and tables of their own", (t) => {
  const view = viewOf(
    gateway(
      "edge",
      [
        http("a.example.com", ", bind: 10.1.1.1"),
        http("b.example.com", ", bind: 10.1.1.2").replace("name: http", "name: http2"),
      ].join(", "),
    ) +
      routes("a", "hosts: [a.example.com], http: [{directResponse: {status: 201}}]") +
      routes("b", "hosts: [b.example.com], http: [{directResponse: {status: 202}}]"),
  );
  t.deepEqual(chainsOf(view, "10.1.1.1_80"), ["any → routes http.80.10.1.1.1"]);
  t.deepEqual(chainsOf(view, "10.1.1.2_80"), ["any → routes http.80.10.1.1.2"]);
  t.deepEqual(hostsOf(view, "http.80.10.1.1.1"), ["a.example.com:80: 201"]);
  t.deepEqual(hostsOf(view, "http.80.10.1.1.2"), ["b.example.com:80: 202"]);
});

const secured = gateway(
  "edge",
  `${https("a", "a.example.com", "mode: SIMPLE, credentialName: a")}, ${https("b", "'*.b.example.com'", "mode: SIMPLE, credentialName: b")}`,
);

test("HTTPS servers share a port by SNI, each with its certificate and table", (t) => {
  const view = viewOf(
    secured +
      secret("a", ["tls"]) +
      secret("b", ["tls"]) +
      routes("a", `hosts: [a.example.com], http: [{${to("web")}}]`),
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_443"), [
    "tls a.example.com → server tls, routes https.443.a.edge.default",
    "tls *.b.example.com → server tls, routes https.443.b.edge.default",
  ]);
  t.deepEqual(hostsOf(view, "https.443.a.edge.default"), [`a.example.com:443: outbound|80||${web}`]);
  t.deepEqual(
    view.secrets.map(({ name }) => name),
    ["kubernetes://a", "kubernetes://b"],
  );
});

test("a server whose certificate is missing does not keep the others from being served", (t) => {
  t.deepEqual(chainsOf(viewOf(secured + secret("b", ["tls"])), "0.0.0.0_443"), [
    "tls *.b.example.com → server tls, routes https.443.b.edge.default",
  ]);
  t.deepEqual(chainsOf(viewOf(secured + secret("a", ["tls"], "elsewhere")), "0.0.0.0_443"), [
    "no such listener",
  ]);
});

test("on a plain-text stream no key is sent, so that no server waits for one", (t) => {
  const view = viewOf(secured + secret("a", ["tls"]) + secret("b", ["tls"]), { hasIdentity: false });
  t.deepEqual(view.listeners, []);
  t.deepEqual(view.secrets, []);
});

test("client certificates are verified by the credential's CA, or by one of its own", (t) => {
  const mutual = gateway("edge", https("a", "a.example.com", "mode: MUTUAL, credentialName: a"));
  const ca = (yaml: string) => {
    const [listener] = viewOf(mutual + yaml).listeners;
    const tls = listener?.chains[0]?.tls;
    return tls?.type === "server" ? tls.clientCa : undefined;
  };
  t.deepEqual(ca(secret("a", ["tls", "ca"])), { type: "sds", name: "kubernetes://a-cacert" });
  t.deepEqual(ca(secret("a", ["tls"]) + secret("a-cacert", ["ca"])), {
    type: "sds",
    name: "kubernetes://a-cacert",
  });
  t.is(ca(secret("a", ["tls"])), undefined, "without a CA nobody could be let in");
});

const passthrough = (hosts: string) =>
  gateway(
    "edge",
    `{port: {number: 443, name: tls, protocol: TLS}, hosts: [${hosts}], tls: {mode: PASSTHROUGH}}`,
  );

test("TLS that is passed through goes by SNI, within the server's hosts", (t) => {
  const view = viewOf(
    passthrough("a.example.com, '*.b.example.com'") +
      routes(
        "tls",
        `hosts: ["*"], tls: [
          {match: [{sniHosts: [a.example.com, c.example.com]}], ${to("web")}},
          {match: [{sniHosts: ["*.example.com"]}], ${to("api")}}]`,
      ),
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_443"), [
    `tls a.example.com → outbound|80||${web}`,
    `tls *.b.example.com → outbound|80||${api}`,
  ]);
});

test("a name goes to the rule that writes it, though a wildcard of another rule comes first", (t) => {
  const rules = (first: string, second: string) =>
    routes(
      "tls",
      `hosts: ["*"], tls: [
        {match: [{sniHosts: [${first}]}], ${to("web")}}, {match: [{sniHosts: [${second}]}], ${to("api")}}]`,
    );
  t.deepEqual(
    chainsOf(
      viewOf(passthrough("'*.example.com', a.example.com") + rules("'*.example.com'", "a.example.com")),
      "0.0.0.0_443",
    ),
    [`tls *.example.com → outbound|80||${web}`, `tls a.example.com → outbound|80||${api}`],
  );
  t.deepEqual(
    chainsOf(viewOf(passthrough("'*', a.example.com") + rules("'*'", "'*.example.com'")), "0.0.0.0_443"),
    [`tls → outbound|80||${web}`, `tls *.example.com a.example.com → outbound|80||${api}`],
  );
});

test("who calls and what address is called are nothing to a gateway", (t) => {
  const view = viewOf(
    passthrough("a.example.com") +
      routes(
        "tls",
        `hosts: ["*"], tls: [{match: [{sniHosts: [a.example.com], sourceLabels: {app: x}, sourceNamespace: y,
          destinationSubnets: [10.0.0.0/8]}], ${to("web")}}]`,
      ),
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_443"), [`tls a.example.com → outbound|80||${web}`]);
});

test("TCP goes where the first rule says", (t) => {
  const view = viewOf(
    gateway("edge", "{port: {number: 5000, name: tcp, protocol: TCP}, hosts: ['*']}") +
      routes(
        "tcp",
        `hosts: ["*"], tcp: [{match: [{port: 1}], ${to("api")}}, {match: [{port: 5000}], ${to("web")}}, {${to("api")}}]`,
      ),
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_5000"), [`any → outbound|80||${web}`]);
});

test("TLS that is opened agrees on HTTP/2 or HTTP/1.1, whether requests are routed or connections", (t) => {
  const view = viewOf(
    gateway(
      "edge",
      `{port: {number: 5000, name: tls, protocol: TLS}, hosts: ['*'], tls: {mode: SIMPLE, credentialName: a}},
       ${https("https", "'*'", "mode: SIMPLE, credentialName: a")}`,
    ) +
      secret("a", ["tls"]) +
      routes("tcp", `hosts: ["*"], tcp: [{${to("web")}}]`),
  );
  const alpn = (listener: string) => {
    const tls = view.listeners.find(({ name }) => name === listener)?.chains[0]?.tls;
    return tls?.alpn;
  };
  t.deepEqual(chainsOf(view, "0.0.0.0_5000"), [`tls → server tls, outbound|80||${web}`]);
  t.deepEqual(alpn("0.0.0.0_5000"), ["h2", "http/1.1"]);
  t.deepEqual(alpn("0.0.0.0_443"), ["h2", "http/1.1"]);
});

test("on one port the oldest gateway's kind of server counts", (t) => {
  const dated = (name: string, day: number, server: string) =>
    gateway(name, server).replace(
      "metadata: {",
      `metadata: {creationTimestamp: "2024-01-0${day}T00:00:00Z", `,
    );
  const view = viewOf(
    dated("edge", 2, "{port: {number: 80, name: tcp, protocol: TCP}, hosts: ['*']}") +
      dated("older", 1, http("'*'")) +
      routes("tcp", `hosts: ["*"], tcp: [{${to("web")}}]`),
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_80"), ["any → routes http.80"]);
});

test("two servers cannot have one SNI", (t) => {
  const view = viewOf(
    gateway(
      "edge",
      `${https("one", "a.example.com", "mode: SIMPLE, credentialName: a")},
       ${https("two", "a.example.com, b.example.com", "mode: SIMPLE, credentialName: a")}`,
    ) + secret("a", ["tls"]),
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_443"), [
    "tls a.example.com → server tls, routes https.443.one.edge.default",
    "tls b.example.com → server tls, routes https.443.two.edge.default",
  ]);
});

test("gateways of other proxies are not served", (t) => {
  const view = viewOf(
    gateway("edge", http("a.example.com")) +
      object(
        "Gateway",
        "other",
        `{selector: {app: other}, servers: [${http("b.example.com").replace("80", "81")}]}`,
      ),
  );
  t.deepEqual(
    view.listeners.map(({ name }) => name),
    ["0.0.0.0_80"],
  );
});
