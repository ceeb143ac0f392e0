// The protocol that a client's Envoy offers upstream follows the request, so that a server's Envoy can tell HTTP from
// TCP by ALPN alone: one Envoy plays both, over a socket file and mutual TLS.

import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "ava";
import type { ClusterTarget, HttpTerminal, ListenerPlan } from "../../compiler/4-view/plan/index.ts";
import { emitCluster } from "../../compiler/5-emit/clusters/index.ts";
import { emitListener } from "../../compiler/5-emit/listeners/index.ts";
import {
  chain,
  chainMatch,
  http,
  listener,
  tcp,
} from "../../compiler/5-emit/listeners/listener-plan-builder.ts";
import { forward, route, routeTable, target } from "../../compiler/5-emit/routes/route-plan-builder.ts";
import {
  clusterPlan,
  endpointsPlan,
  type RunningEnvoy,
  request,
  startEnvoy,
  staticBootstrap,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-alpn-"));
const socket = `unix://${join(folder, "server")}`;
const upstream = "outbound|80||server";
const identity = "spiffe://cluster.local/ns/default/sa/default";

/** What the server's chain for one list of protocols answers. */
const says = (value: string): HttpTerminal =>
  http({
    role: "inbound",
    forwardClientCert: "append-forward",
    routes: {
      type: "inline",
      table: routeTable([
        route({ action: { type: "direct-response", status: 200, body: { type: "string", value } } }),
      ]),
    },
  });

const serverChain = (name: string, applicationProtocols: readonly string[]) =>
  chain(says(name), {
    name,
    match: chainMatch({ transportProtocol: "tls", applicationProtocols }),
    tls: { type: "mesh", trustDomains: [], alpn: ["h2", "http/1.1"] },
  });

const server: ListenerPlan = listener(
  [
    serverChain("HTTP/1.1 of the mesh", ["istio-http/1.1"]),
    serverChain("HTTP/2 of the mesh", ["istio-h2"]),
    serverChain("something of the mesh", ["istio"]),
  ],
  { name: "server", direction: "inbound", address: socket, port: 0, detectTls: true },
);

const told: ClusterTarget = { ...target(upstream), alpnFromRequest: true };
const untold = target(upstream);

const client = (name: string, ...targets: readonly ClusterTarget[]) =>
  listener(
    [
      chain(
        http({
          routes: {
            type: "inline",
            table: routeTable([route({ action: forward(...targets) })], { name }),
          },
        }),
      ),
    ],
    { name, port: 0 },
  );

const tcpClient = listener([chain(tcp({ clusters: [{ cluster: upstream, weight: 100 }] }))], {
  name: "tcp",
  port: 0,
});

let envoy: RunningEnvoy;

test.before(async () => {
  const endpoints = endpointsPlan([{ address: socket, port: 0 }], { clusterName: upstream });
  const cluster = clusterPlan({
    name: upstream,
    protocol: "downstream",
    discovery: { type: "static", endpoints },
    tls: { type: "mesh", sans: [identity], sni: "outbound_.80_._.server" },
  });
  const listeners = [
    server,
    client("plain", untold),
    client("told", told),
    client("split", told, { ...told, weight: 1 }),
    tcpClient,
  ];
  envoy = await startEnvoy({
    bootstrap: staticBootstrap([
      emitCluster(cluster),
      ...listeners.map((plan) => emitListener(plan, new Map())),
    ]),
  });
  await envoy.ready();
});

test.after.always(async () => {
  await envoy?.stop();
  rmSync(folder, { recursive: true });
});

const answerTo = async (name: string) => (await request({ port: await envoy.listenerPort(name) })).body;

test("a request of which the route says nothing looks like any mesh connection", async (t) => {
  t.is(await answerTo("plain"), "something of the mesh");
});

test("where the route says so, the server sees HTTP", async (t) => {
  t.is(await answerTo("told"), "HTTP/1.1 of the mesh");
});

test("so it is when requests are split", async (t) => {
  t.is(await answerTo("split"), "HTTP/1.1 of the mesh");
});

test("or HTTP/2", async (t) => {
  t.is(await answerOverHttp2(await envoy.listenerPort("told")), "HTTP/2 of the mesh");
});

test("bytes stay plain mesh connections", async (t) => {
  t.is(await answerTo("tcp"), "something of the mesh");
});

async function answerOverHttp2(port: number): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    return await text(session.request({ ":path": "/" }));
  } finally {
    session.close();
  }
}
