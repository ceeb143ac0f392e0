// The server over real plaintext connections, with a grpc-js client. Every wait is for a message or an event.

import { create, toBinary } from "@bufbuild/protobuf";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { Client, credentials, status } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { encodeSnapshot, typeUrls } from "../index.ts";
import { connectTestClient, testNode } from "../testing/client.ts";
import { createTestConfig } from "../testing/config.ts";
import { resource, snapshotOf, type World } from "../testing/resources.ts";
import { connectStalledClient } from "../testing/stalled-client.ts";
import type { Listener } from "./listener.ts";
import type { Authenticate } from "./port.ts";
import { createXdsServer, type XdsServerOptions } from "./server.ts";

const anybody: Authenticate = () => ({ ok: true });
const small: World = { CDS: { a: { v: 1, endpoints: "static" } }, LDS: { l: 1 } };

async function serve(t: ExecutionContext, world?: World, options: Partial<XdsServerOptions> = {}) {
  const config = createTestConfig(world);
  const server = createXdsServer({
    port: config,
    authenticate: anybody,
    identifier: "replica-1",
    ...options,
  });
  t.teardown(() => server.close(0));
  const listener = listening(await server.listenPlaintext({ host: "127.0.0.1", port: 0 }));
  const client = () => {
    const opened = connectTestClient({ port: listener.address.port });
    t.teardown(() => opened.close());
    return opened;
  };
  return { config, server, listener, client };
}

function listening(result: { ok: true; listener: Listener } | { ok: false; message: string }): Listener {
  if (!result.ok) throw new Error(result.message);
  return result.listener;
}

test("a response carries names, versions, the type, the replica and the exact message", async (t) => {
  const { client } = await serve(t, small);
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster });
  const response = await stream.next();
  t.is(response.typeUrl, typeUrls.cluster);
  t.is(response.controlPlane?.identifier, "replica-1");
  t.is(response.systemVersionInfo, snapshotOf(small).id);
  const served = resource("CDS", "a", { v: 1, endpoints: "static" });
  const [first, ...rest] = response.resources;
  t.deepEqual(rest, []);
  t.is(first?.name, "a");
  t.is(first?.version, served.version);
  t.is(first?.resource?.typeUrl, typeUrls.cluster);
  t.deepEqual(Buffer.from(first?.resource?.value ?? []), Buffer.from(served.body));
});

test("a change reaches the client, and its answer the port", async (t) => {
  const { client, config, server } = await serve(t, small);
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster });
  stream.ack(await stream.next());
  stream.send({ typeUrl: typeUrls.listener });
  stream.ack(await stream.next());
  await config.event("in-sync", ({ snapshotId }) => snapshotId === snapshotOf(small).id);
  config.become({ ...small, LDS: { l: { v: 2, from: "l.yaml:7" } } });
  const changed = await stream.next();
  t.deepEqual(
    changed.resources.map(({ name }) => name),
    ["l"],
  );
  stream.send({
    typeUrl: typeUrls.listener,
    responseNonce: changed.nonce,
    errorDetail: { code: 13, message: "no such filter" },
  });
  const nack = await config.event("nacked");
  t.is(nack.message, "no such filter");
  t.is(nack.client.nodeId, testNode.id);
  t.is(nack.resources[0]?.origins[0]?.position.line, 7);
  const [status] = server.clients();
  const listeners = status?.types.find(({ typeUrl }) => typeUrl === typeUrls.listener);
  t.is(listeners?.nack?.message, "no such filter");
  t.is(listeners?.refused[0]?.origins[0]?.position.file, "l.yaml");
  t.not(listeners?.sentVersion, listeners?.ackedVersion);
});

test("the first request has to say who the client is, and only the first", async (t) => {
  const { client, config } = await serve(t, small);
  const nameless = client();
  nameless.send({ typeUrl: typeUrls.cluster });
  t.is((await nameless.status).code, status.INVALID_ARGUMENT);
  const empty = client();
  empty.send({ node: { id: "" }, typeUrl: typeUrls.cluster });
  t.is((await empty.status).code, status.INVALID_ARGUMENT);
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster });
  stream.ack(await stream.next());
  stream.send({ typeUrl: typeUrls.listener });
  t.is((await stream.next()).typeUrl, typeUrls.listener);
  t.is(config.events.filter(({ kind }) => kind === "refused").length, 2);
});

test("streams are refused until the sources are read", async (t) => {
  const { client, config } = await serve(t, small);
  config.isReady = false;
  const early = client();
  early.send({ node: testNode, typeUrl: typeUrls.cluster });
  const { code, details } = await early.status;
  t.is(code, status.UNAVAILABLE);
  t.is(details, "the server has not read its sources yet");
  config.isReady = true;
  const later = client();
  later.send({ node: testNode, typeUrl: typeUrls.cluster });
  t.is((await later.next()).resources.length, 1);
});

test("the port can refuse a stream, and so can authentication, with the reason", async (t) => {
  const { client, config } = await serve(t, small);
  config.refusal = { code: "PERMISSION_DENIED", message: "this node is another workload's" };
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster });
  t.deepEqual(await stream.status.then(({ code, details }) => [code, details]), [
    status.PERMISSION_DENIED,
    "this node is another workload's",
  ]);
  t.is(config.connected, 0);

  const denied = await serve(t, small, {
    authenticate: async () => ({ ok: false, code: "UNAUTHENTICATED", message: "the token has expired" }),
  });
  const second = denied.client();
  second.send({ node: testNode, typeUrl: typeUrls.cluster });
  t.deepEqual(await second.status.then(({ code, details }) => [code, details]), [
    status.UNAUTHENTICATED,
    "the token has expired",
  ]);
});

test("a stream for which there is nothing to be had after all ends at once, with the reason", async (t) => {
  const { config, client } = await serve(t);
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster, initialResourceVersions: { a: "1" } });
  await config.event("connected");
  config.endAll({ code: "UNAVAILABLE", message: "no certificate" });
  const end = await stream.status;
  t.is(end.code, status.UNAVAILABLE);
  t.is(end.details, "no certificate");
  t.is(config.connected, 0);
});

test("a failing authentication refuses the stream and tells the peer nothing", async (t) => {
  const { client, config } = await serve(t, small, {
    authenticate: () => Promise.reject(new Error("cannot read /secret/keys")),
  });
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster });
  const { code, details } = await stream.status;
  t.is(code, status.UNAVAILABLE);
  t.is(details, "the stream could not be set up");
  t.is((await config.event("refused")).refusal.message, "cannot read /secret/keys");
});

test("however a client goes, its stream is given up once", async (t) => {
  const { client, config, server } = await serve(t, small);
  const reset = client();
  reset.send({ node: { id: "resets" }, typeUrl: typeUrls.cluster });
  await reset.next();
  reset.cancel();
  await config.event("disconnected", (event) => event.client.nodeId === "resets");
  t.is(config.connected, 0);
  t.deepEqual(server.clients(), []);
  config.become({ ...small, CDS: { a: { v: 2, endpoints: "static" } } });
  t.is(config.events.filter(({ kind }) => kind === "disconnected").length, 1);
});

test("a stalled reader keeps one response waiting, nobody else, and is dropped in the end", async (t) => {
  const { client, config, server, listener } = await serve(t, undefined, {
    session: { writeTimeoutMs: 4_000 },
  });
  const padding = "x".repeat(128 * 1024);
  const big = (round: number) =>
    encodeSnapshot(
      Array.from({ length: 4 }, (_, index) => ({
        typeUrl: typeUrls.listener,
        name: `l${index}`,
        schema: ListenerSchema,
        message: create(ListenerSchema, { name: `l${index}`, statPrefix: `${round}${padding}` }),
        origins: [],
      })),
    );
  config.becomeSnapshot(big(0));
  const stalled = connectStalledClient(listener.address.port, {
    node: { id: "stalled" },
    typeUrl: typeUrls.listener,
  });
  t.teardown(() => stalled.close());
  await config.event("sent");
  for (let round = 1; round <= 20; round++) config.becomeSnapshot(big(round));
  const healthy = client();
  healthy.send({ node: { id: "healthy" }, typeUrl: typeUrls.listener });
  t.is((await healthy.next()).resources.length, 4);
  const { reason } = await config.event("disconnected", (event) => event.client.nodeId === "stalled");
  t.regex(reason, /RESOURCE_EXHAUSTED: the client has not read/);
  t.is(config.events.filter((event) => event.kind === "sent" && event.client.nodeId === "stalled").length, 1);
  t.deepEqual(
    server.clients().map((each) => each.client.nodeId),
    ["healthy"],
  );
  await stalled.cut;
});

test("an error of the server's own costs the stream that it shows on, and is told", async (t) => {
  const { client, config, server } = await serve(t, small);
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster });
  stream.ack(await stream.next());
  await config.event("acked");
  config.becomeSnapshot({ id: "broken", collections: undefined as never });
  t.is((await stream.status).code, status.INTERNAL);
  t.regex((await config.event("failed")).message, /undefined/);
  t.is((await config.event("disconnected")).client.nodeId, testNode.id);
  t.deepEqual(server.clients(), []);
});

test("closing ends the streams within the drain time and accepts no more", async (t) => {
  const { client, server, listener } = await serve(t, small);
  const streams = Array.from({ length: 20 }, (_, index) => {
    const stream = client();
    stream.send({ node: { id: `node-${index}` }, typeUrl: typeUrls.cluster });
    return stream;
  });
  await Promise.all(streams.map((stream) => stream.next()));
  t.is(server.clients().length, 20);
  const start = performance.now();
  await server.close(200);
  t.true(performance.now() - start < 10_000); // grpc-js alone would wait for the open streams for ever
  for (const stream of streams) t.is((await stream.status).code, status.UNAVAILABLE);
  const late = connectTestClient({ port: listener.address.port });
  t.teardown(() => late.close());
  late.send({ node: testNode, typeUrl: typeUrls.cluster });
  t.is((await late.status).code, status.UNAVAILABLE);
});

test("the plaintext port is for loopback only", async (t) => {
  const { server } = await serve(t, small);
  for (const host of ["0.0.0.0", "::", "192.0.2.1"]) {
    const result = await server.listenPlaintext({ host, port: 0 });
    t.false(result.ok, host);
    t.regex(result.ok ? "" : result.message, /must bind to a loopback address/);
  }
  t.true((await server.listenPlaintext({ host: "localhost", port: 0 })).ok);
});

test("a port that is taken is a message, not an exception", async (t) => {
  const { server, listener } = await serve(t, small);
  const result = await server.listenPlaintext(listener.address);
  t.regex(result.ok ? "" : result.message, /cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/);
});

test("a reconnect request with many versions is not too large", async (t) => {
  const { client } = await serve(t, small);
  const stream = client();
  const initialResourceVersions = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, index) => [
      `outbound|80||service-${index}.default.svc.cluster.local`,
      "0".repeat(20),
    ]),
  );
  const request = { node: testNode, typeUrl: typeUrls.cluster, initialResourceVersions };
  stream.send(request);
  const response = await stream.next();
  t.is(response.removedResources.length, 0); // not before its routes have moved on
  t.deepEqual(
    response.resources.map(({ name }) => name),
    ["a"],
  );
});

test("a node that comes back and does not ask for its clusters is sent away", async (t) => {
  const { client, config } = await serve(t, small, { session: { resubscribeTimeoutMs: 100 } });
  const first = client();
  first.send({ node: testNode, typeUrl: typeUrls.cluster });
  first.ack(await first.next());
  first.cancel();
  await config.event("disconnected");
  const second = client();
  second.send({ node: testNode, typeUrl: typeUrls.listener });
  const { code, details } = await second.status;
  t.is(code, status.UNAVAILABLE);
  t.regex(details, /did not ask again for .*Cluster/);
  t.deepEqual((await config.event("not-resubscribed")).typeUrls, [typeUrls.cluster]);
});

test("a gRPC client that comes back asks for what it calls now, and may stay", async (t) => {
  const { client, config, server } = await serve(t, small, { session: { resubscribeTimeoutMs: 50 } });
  const node = { ...testNode, userAgentName: "gRPC Test" };
  const first = client();
  first.send({ node, typeUrl: typeUrls.cluster, resourceNamesSubscribe: ["a"] });
  first.ack(await first.next());
  first.cancel();
  await config.event("disconnected");
  const second = client();
  second.send({ node, typeUrl: typeUrls.listener, resourceNamesSubscribe: ["l"] });
  second.ack(await second.next());
  // Four times as long as an Envoy would have had.
  await new Promise((done) => setTimeout(done, 200));
  t.is(server.clients().length, 1);
  t.false(config.events.some(({ kind }) => kind === "not-resubscribed"));
});

test("a connection that has grown old is ended with its streams, where that is asked for", async (t) => {
  const { client } = await serve(t, small, { maxConnectionAgeMs: 200, maxConnectionAgeGraceMs: 200 });
  const stream = client();
  stream.send({ node: testNode, typeUrl: typeUrls.cluster });
  await stream.next();
  t.is((await stream.status).code, status.UNAVAILABLE);
});

test("health follows readiness", async (t) => {
  const { config, listener } = await serve(t, small);
  const channel = new Client(`127.0.0.1:${listener.address.port}`, credentials.createInsecure());
  t.teardown(() => channel.close());
  const check = (service: string) =>
    new Promise<number | undefined>((done, failed) => {
      channel.makeUnaryRequest<string, Buffer>(
        "/grpc.health.v1.Health/Check",
        (name) => Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]),
        (bytes) => bytes,
        service,
        (error, bytes) => (error ? failed(error) : done(bytes?.[1])),
      );
    });
  t.is(await check(""), 1);
  t.is(await check("envoy.service.discovery.v3.AggregatedDiscoveryService"), 1);
  config.isReady = false;
  t.is(await check(""), 2);
  await t.throwsAsync(check("nothing"), { message: /NOT_FOUND/ });
});

test("every client is served the same bytes, encoded once", (t) => {
  const message = create(ClusterSchema, { name: "a" });
  const emitted = { typeUrl: typeUrls.cluster, name: "a", schema: ClusterSchema, message, origins: [] };
  const one = encodeSnapshot([emitted]);
  const other = encodeSnapshot([{ ...emitted }]);
  const bytes = (snapshot: typeof one) =>
    snapshot.collections.get(typeUrls.cluster)?.resources.get("a")?.wire;
  t.is(bytes(one), bytes(other));
  t.is(one.id, other.id);
  t.true(toBinary(ClusterSchema, message).byteLength > 0);
});
