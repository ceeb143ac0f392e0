// The server against a real Envoy: what it accepts, refuses, does under load while clusters are renamed, and after the
// server was away.

import { once } from "node:events";
import { connect } from "node:tls";
import test, { type ExecutionContext } from "ava";
import { parseIdentity } from "#identity";
import { request } from "../test/envoy/client.ts";
import { type EchoServer, startEchoServer } from "../test/envoy/echo-server.ts";
import { startEnvoy } from "../test/envoy/process.ts";
import { issueTestCertificate, testRoot } from "../test/envoy/test-certificates.ts";
import {
  createXdsServer,
  type EmittedResource,
  encodeSnapshot,
  type HostPort,
  type Snapshot,
} from "./index.ts";
import { createTestConfig, type TestConfig } from "./testing/config.ts";
import { adsBootstrap, cluster, endpoints, keyPair, listener, routes } from "./testing/envoy-resources.ts";
import { serve } from "./testing/serve.ts";

const anyPort: HostPort = { host: "127.0.0.1", port: 0 };
const token = "spiffe://cluster.local/ns/default/sa/app";

async function echo(t: ExecutionContext, name: string): Promise<EchoServer> {
  const server = await startEchoServer({ name });
  t.teardown(() => server.stop());
  return server;
}

async function envoyOn(t: ExecutionContext, bootstrap: string) {
  const envoy = await startEnvoy({ bootstrap });
  t.teardown(() => envoy.stop());
  return envoy;
}

/** The configuration becomes this; resolves once Envoy has all of it, but for what it refused. */
async function become(config: TestConfig, resources: readonly EmittedResource[]): Promise<Snapshot> {
  const snapshot = encodeSnapshot(resources);
  config.becomeSnapshot(snapshot);
  await config.event("in-sync", ({ snapshotId }) => snapshotId === snapshot.id);
  return snapshot;
}

const nacks = (config: TestConfig) => config.events.filter(({ kind }) => kind === "nacked");

test("Envoy takes clusters, endpoints, listeners and routes, and traffic flows", async (t) => {
  const [v1, config] = [await echo(t, "v1"), createTestConfig()];
  const { address, server } = await serve(t, config);
  config.becomeSnapshot(
    encodeSnapshot([cluster("v1"), endpoints("v1", v1.port), listener("http", "web"), routes("web", "v1")]),
  );
  const envoy = await envoyOn(t, adsBootstrap({ port: address.port }));
  await config.event("in-sync");
  await envoy.ready();
  const port = await envoy.listenerPort("http");
  const { status, headers } = await request({ port });
  t.is(status, 200);
  t.is(headers["x-server"], "v1");
  t.deepEqual(nacks(config), []);
  const [client] = server.clients();
  t.deepEqual(
    client?.types.map(({ shortName, heldResources }) => `${shortName} ${heldResources}`),
    ["CDS 1", "EDS 1", "LDS 1", "RDS 1"],
  );
  t.true(client?.types.every(({ sentVersion, ackedVersion }) => sentVersion === ackedVersion));
});

test("a subset renamed together with its route, again and again, loses no request", async (t) => {
  const [upstream, config] = [await echo(t, "upstream"), createTestConfig()];
  const { address } = await serve(t, config);
  const world = (name: string) => [
    cluster(name),
    endpoints(name, upstream.port),
    listener("http", "web"),
    routes("web", name),
  ];
  config.becomeSnapshot(encodeSnapshot(world("subset-0")));
  const envoy = await envoyOn(t, adsBootstrap({ port: address.port }));
  await config.event("in-sync");
  await envoy.ready();
  const port = await envoy.listenerPort("http");
  let running = true;
  const answers = new Map<number, number>();
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (running) {
        const { status } = await request({ port });
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    }),
  );
  for (let round = 1; round <= 10; round++) await become(config, world(`subset-${round}`));
  running = false;
  await load;
  t.deepEqual([...answers.keys()], [200]);
  t.true((answers.get(200) ?? 0) > 20);
  t.deepEqual(nacks(config), []);
  const stats = await envoy.stats("cluster_manager.active_clusters");
  t.is(stats.get("cluster_manager.active_clusters"), 2); // xds-grpc and the last subset
});

test("a changed cluster is warm at once, although nobody asks for its endpoints again", async (t) => {
  const [upstream, config] = [await echo(t, "upstream"), createTestConfig()];
  const { address } = await serve(t, config);
  const world = (seconds: number) => [
    cluster("v1", { seconds }),
    endpoints("v1", upstream.port),
    listener("http", "web"),
    routes("web", "v1"),
  ];
  config.becomeSnapshot(encodeSnapshot(world(1)));
  const envoy = await envoyOn(t, adsBootstrap({ port: address.port }));
  await config.event("in-sync");
  await envoy.ready();
  const start = performance.now();
  await become(config, world(2));
  t.true(performance.now() - start < 5_000); // and not Envoy's initial_fetch_timeout of 15 s
  const stats = await envoy.stats("cluster_manager.warming_clusters");
  t.is(stats.get("cluster_manager.warming_clusters"), 0);
});

test("a changed cluster that goes before its endpoints were sent again keeps nothing waiting", async (t) => {
  const [v1, v2, config] = [await echo(t, "v1"), await echo(t, "v2"), createTestConfig()];
  const { address } = await serve(t, config);
  const other = [cluster("v2"), endpoints("v2", v2.port), listener("http", "web")];
  const world = (seconds: number) => [
    ...[cluster("v1", { seconds }), endpoints("v1", v1.port)],
    ...[...other, routes("web", "v1")],
  ];
  config.becomeSnapshot(encodeSnapshot(world(1)));
  const envoy = await envoyOn(t, adsBootstrap({ port: address.port }));
  await config.event("in-sync");
  await envoy.ready();
  const port = await envoy.listenerPort("http");
  const changed = encodeSnapshot(world(2));
  const sent = config.events.length;
  config.becomeSnapshot(changed);
  // The bytes of the cluster have not left yet, and those of its endpoints wait for that.
  t.deepEqual(
    config.events
      .slice(sent)
      .flatMap((event) => (event.kind === "sent" ? event.typeUrl.split(".").at(-1) : [])),
    ["Cluster"],
  );
  const start = performance.now();
  const gone = become(config, [...other, routes("web", "v2")]);
  for (let server = ""; server !== "v2" && performance.now() - start < 5_000; ) {
    const answer = await request({ port });
    t.is(answer.status, 200);
    server = String(answer.headers["x-server"]);
  }
  await gone;
  t.true(performance.now() - start < 5_000); // and not Envoy's initial_fetch_timeout of 15 s
  t.deepEqual(nacks(config), []);
});

test("a refused route is traced to its file and line, the last good one goes on, and a fix recovers", async (t) => {
  const [v1, v2, config] = [await echo(t, "v1"), await echo(t, "v2"), createTestConfig()];
  const { address, server } = await serve(t, config);
  const both = [cluster("v1"), endpoints("v1", v1.port), cluster("v2"), endpoints("v2", v2.port)];
  config.becomeSnapshot(encodeSnapshot([...both, listener("http", "web"), routes("web", "v1")]));
  const envoy = await envoyOn(t, adsBootstrap({ port: address.port }));
  await config.event("in-sync");
  await envoy.ready();
  const port = await envoy.listenerPort("http");
  const bad = routes("web", "v2", { invalid: true, from: "reviews.yaml:12" });
  await become(config, [...both, listener("http", "web"), bad]);
  const nack = await config.event("nacked");
  t.regex(nack.message, /Only a single wildcard domain is permitted in route web/);
  t.true(nack.certain);
  t.deepEqual(
    nack.resources.flatMap(({ origins }) =>
      origins.map(({ position }) => `${position.file}:${position.line}`),
    ),
    ["reviews.yaml:12"],
  );
  t.is((await request({ port })).headers["x-server"], "v1");
  const tables = server.clients()[0]?.types.find(({ shortName }) => shortName === "RDS");
  t.is(tables?.refused[0]?.origins[0]?.position.file, "reviews.yaml");
  await become(config, [...both, listener("http", "web"), routes("web", "v2")]);
  t.is((await request({ port })).headers["x-server"], "v2");
  t.is(nacks(config).length, 1);
});

test("Envoy names the cluster it refuses, and the others of that response arrive", async (t) => {
  const [v1, config] = [await echo(t, "v1"), createTestConfig()];
  const { address } = await serve(t, config);
  config.becomeSnapshot(
    encodeSnapshot([
      cluster("v1"),
      cluster("v1-bad", { invalid: true }),
      endpoints("v1", v1.port),
      listener("http", "web"),
      routes("web", "v1"),
      routes("to-bad", "v1-bad"),
    ]),
  );
  const envoy = await envoyOn(t, adsBootstrap({ port: address.port }));
  const nack = await config.event("nacked");
  t.deepEqual(
    nack.resources.map(({ name }) => name),
    ["v1-bad"],
  );
  await config.event("in-sync");
  await envoy.ready();
  t.is((await request({ port: await envoy.listenerPort("http") })).status, 200);
  t.is(nacks(config).length, 1);
});

test("after the server was away, nothing known is sent again and what is gone is removed", async (t) => {
  const [v1, before, after] = [await echo(t, "v1"), createTestConfig(), createTestConfig()];
  const first = await serve(t, before);
  const kept = [cluster("v1"), endpoints("v1", v1.port), listener("http", "web"), routes("web", "v1")];
  before.becomeSnapshot(
    encodeSnapshot([...kept, cluster("old"), endpoints("old", v1.port), listener("gone", "web")]),
  );
  const envoy = await envoyOn(t, adsBootstrap({ port: first.address.port }));
  await before.event("in-sync");
  await envoy.ready();
  await first.server.close(0);
  after.becomeSnapshot(encodeSnapshot(kept));
  await serve(t, after, first.address);
  await after.event("in-sync");
  const sent = after.events.filter((event) => event.kind === "sent");
  const total = (type: string, count: "resources" | "removed") =>
    sent.filter(({ typeUrl }) => typeUrl.endsWith(type)).reduce((sum, each) => sum + each[count], 0);
  t.is(total("Cluster", "resources"), 0);
  t.is(total("Listener", "resources"), 0);
  t.is(total("Cluster", "removed"), 1);
  t.is(total("Listener", "removed"), 1);
  t.is((await request({ port: await envoy.listenerPort("http") })).status, 200);
  t.deepEqual(nacks(after), []);
});

test("a key reaches Envoy over the authenticated stream, and a new one without touching the listener", async (t) => {
  const [v1, config] = [await echo(t, "v1"), createTestConfig()];
  const serving = await issueTestCertificate("localhost");
  const server = createXdsServer({
    port: config,
    identifier: "test",
    authenticate: ({ bearerToken }) => {
      const identity = parseIdentity(bearerToken ?? "");
      return identity ? { ok: true, identity } : { ok: false, code: "UNAUTHENTICATED", message: "no token" };
    },
  });
  t.teardown(() => server.close(0));
  const result = await server.listenTls(anyPort, {
    certificateChain: serving.certificate,
    privateKey: serving.privateKey,
    clientRoots: testRoot,
  });
  if (!result.ok) throw new Error(result.message);
  const rest = [
    cluster("v1"),
    endpoints("v1", v1.port),
    listener("https", "web", "default"),
    routes("web", "v1"),
  ];
  const [old, renewed] = [await issueTestCertificate(token), await issueTestCertificate(`${token}-renewed`)];
  config.becomeSnapshot(encodeSnapshot([...rest, keyPair("default", old)]));
  const bootstrap = adsBootstrap({ port: result.listener.address.port, root: testRoot, bearerToken: token });
  const envoy = await envoyOn(t, bootstrap);
  await config.event("in-sync");
  await envoy.ready();
  const port = await envoy.listenerPort("https");
  t.is(await servedName(port), `URI:${token}`);
  await become(config, [...rest, keyPair("default", renewed)]);
  t.is(await servedName(port), `URI:${token}-renewed`);
  const stats = await envoy.stats("listener_manager.listener_(added|modified)");
  t.is(stats.get("listener_manager.listener_added"), 1);
  t.is(stats.get("listener_manager.listener_modified"), 0);
  t.deepEqual(nacks(config), []);
});

async function servedName(port: number): Promise<string | undefined> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const name = socket.getPeerCertificate().subjectaltname;
  socket.destroy();
  return name;
}

test("what one Envoy refuses the other is spared", async (t) => {
  const [v1, config] = [await echo(t, "v1"), createTestConfig()];
  const { address, server } = await serve(t, config);
  const world = (invalid: boolean) =>
    encodeSnapshot([
      cluster("v1"),
      endpoints("v1", v1.port),
      listener("http", "web"),
      routes("web", "v1", { invalid }),
    ]);
  const bothHave = async (snapshotId: string) => {
    for (const name of ["one", "two"]) {
      await config.event("in-sync", (e) => e.client.node.cluster === name && e.snapshotId === snapshotId);
    }
  };
  config.becomeSnapshot(world(false));
  for (const name of ["one", "two"]) await envoyOn(t, adsBootstrap({ port: address.port, name }));
  await bothHave(world(false).id);
  config.becomeSnapshot(world(true));
  await bothHave(world(true).id);
  t.is(nacks(config).length, 1);
  t.is(config.events.filter(({ kind }) => kind === "spared").length, 1);
  t.deepEqual(
    server.quarantine().map(({ name }) => name),
    ["web"],
  );
});

test("an Envoy that speaks the state of the world gets the same, refuses alike, and loses no request", async (t) => {
  const [v1, v2, config] = [await echo(t, "v1"), await echo(t, "v2"), createTestConfig()];
  const { address, server } = await serve(t, config);
  const world = (to: string, more: Parameters<typeof routes>[2] = {}) => [
    cluster(to),
    endpoints(to, to.startsWith("v1") ? v1.port : v2.port),
    listener("http", "web"),
    routes("web", to, more),
    listener(`only-with-${to}`, "web"),
  ];
  config.becomeSnapshot(encodeSnapshot(world("v1")));
  const envoy = await envoyOn(t, adsBootstrap({ port: address.port, api: "GRPC" }));
  await config.event("in-sync");
  await envoy.ready();
  const port = await envoy.listenerPort("http");
  t.is((await request({ port })).headers["x-server"], "v1");
  for (let round = 0; round < 10; round++) {
    const to = `${round % 2 === 0 ? "v2" : "v1"}-${round}`;
    const [changed, answers] = [become(config, world(to)), [request({ port }), request({ port })]];
    await changed;
    answers.push(request({ port }));
    for (const { status } of await Promise.all(answers)) t.is(status, 200);
    t.is((await request({ port })).headers["x-server"], to.slice(0, 2));
  }
  t.deepEqual(nacks(config), []);
  const stats = await envoy.stats("(cluster_manager.active_clusters|total_listeners_active)");
  t.is(stats.get("cluster_manager.active_clusters"), 2); // xds-grpc and the last one
  t.is(stats.get("listener_manager.total_listeners_active"), 2);
  await become(config, world("v1-9", { invalid: true, from: "reviews.yaml:12" }));
  t.is(nacks(config).length, 1);
  t.is((await request({ port })).status, 200);
  await become(config, world("v2-10"));
  t.is((await request({ port })).headers["x-server"], "v2");
  t.deepEqual(server.quarantine(), []);
});
