// The TLS port: who a peer is taken for, what that lets it have, and certificates replaced while it runs.

import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { credentials, status } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { parseIdentity } from "#identity";
import {
  issueTestCertificate,
  selfSignedTestCertificate,
  type TestCertificate,
  testRoot,
} from "../../test/envoy/test-certificates.ts";
import { typeUrls } from "../index.ts";
import { connectTestClient, testNode } from "../testing/client.ts";
import { connectStatusClient } from "../testing/client-status-client.ts";
import { createTestConfig } from "../testing/config.ts";
import type { TlsListener } from "./listener.ts";
import type { Authenticate, Peer } from "./port.ts";
import { createXdsServer } from "./server.ts";

const serving = await issueTestCertificate("localhost");
const admin = "spiffe://cluster.local/ns/kube-system/sa/admin";

/** As the CA will do it: a verified certificate or a known token proves an identity, a peer without either is nobody. */
const authenticate: Authenticate = ({ certificateChain, bearerToken }) => {
  const uri = certificateChain ? uriOf(certificateChain) : bearerToken;
  const identity = uri === undefined ? undefined : parseIdentity(uri);
  return identity ? { ok: true, identity } : { ok: true };
};

function uriOf([leaf]: readonly Uint8Array[]): string {
  return /URI:(\S+)/.exec(new X509Certificate(leaf ?? "").subjectAltName ?? "")?.[1] ?? "";
}

async function serveTls(t: ExecutionContext) {
  const peers: Peer[] = [];
  const config = createTestConfig({ SDS: { default: 1, ROOTCA: { v: 1, trustBundle: true } } });
  const server = createXdsServer({
    port: config,
    identifier: "replica-1",
    authenticate: (peer, node) => {
      peers.push(peer);
      return authenticate(peer, node);
    },
  });
  t.teardown(() => server.close(0));
  const result = await server.listenTls({ host: "127.0.0.1", port: 0 }, certificates(serving));
  if (!result.ok) throw new Error(result.message);
  const connect = (client?: TestCertificate, bearerToken?: string) =>
    open(t, result.listener, client, bearerToken);
  return { config, server, listener: result.listener, peers, connect };
}

function certificates(pair: TestCertificate) {
  return { certificateChain: pair.certificate, privateKey: pair.privateKey, clientRoots: testRoot };
}

function open(t: ExecutionContext, listener: TlsListener, client?: TestCertificate, bearerToken?: string) {
  const tls = credentials.createSsl(
    Buffer.from(testRoot),
    client ? Buffer.from(client.privateKey) : null,
    client ? Buffer.from(client.certificate) : null,
    { checkServerIdentity: () => undefined },
  );
  const stream = connectTestClient({
    port: listener.address.port,
    credentials: tls,
    ...(bearerToken !== undefined && { bearerToken }),
  });
  t.teardown(() => stream.close());
  stream.send({ node: testNode, typeUrl: typeUrls.secret, resourceNamesSubscribe: ["default", "ROOTCA"] });
  return stream;
}

const names = ({ resources }: { readonly resources: readonly { readonly name: string }[] }) =>
  resources.map(({ name }) => name);

test("a verified client certificate proves an identity, and its workload gets its key", async (t) => {
  const { connect, server, peers } = await serveTls(t);
  const stream = connect(await issueTestCertificate("spiffe://cluster.local/ns/default/sa/reviews"));
  const response = await stream.next();
  t.deepEqual(names(response), ["ROOTCA", "default"]);
  t.is(peers[0]?.certificateChain?.length, 1);
  t.like(server.clients()[0]?.client, {
    secure: true,
    identity: { namespace: "default", serviceAccount: "reviews" },
  });
});

test("a client with a self-signed SPIFFE certificate is nobody, and gets no key", async (t) => {
  const { connect, config, server, peers } = await serveTls(t);
  const stream = connect(await selfSignedTestCertificate(admin));
  const response = await stream.next();
  t.is(peers[0]?.certificateChain, undefined);
  t.deepEqual(names(response), ["ROOTCA"]);
  t.deepEqual(response.removedResources, ["default"]);
  t.is(server.clients()[0]?.client.identity, undefined);
  t.false(server.clients()[0]?.client.secure);
  t.is((await config.event("secret-withheld")).name, "default");
});

test("a token proves an identity where there is no certificate", async (t) => {
  const { connect, peers } = await serveTls(t);
  const response = await connect(undefined, admin).next();
  t.is(peers[0]?.bearerToken, admin);
  t.is(peers[0]?.certificateChain, undefined);
  t.deepEqual(names(response), ["ROOTCA", "default"]);
});

test("encryption without an identity gets no key", async (t) => {
  const { connect } = await serveTls(t);
  const response = await connect().next();
  t.deepEqual(names(response), ["ROOTCA"]);
});

test("an identity without encryption gets no key either", async (t) => {
  const { config, server } = await serveTls(t);
  const plain = await server.listenPlaintext({ host: "127.0.0.1", port: 0 });
  if (!plain.ok) throw new Error(plain.message);
  const stream = connectTestClient({ port: plain.listener.address.port, bearerToken: admin });
  t.teardown(() => stream.close());
  stream.send({ node: testNode, typeUrl: typeUrls.secret, resourceNamesSubscribe: ["default", "ROOTCA"] });
  const response = await stream.next();
  t.deepEqual(names(response), ["ROOTCA"]);
  t.deepEqual(response.removedResources, ["default"]);
  await config.event("secret-withheld");
});

test("a replaced certificate serves new connections and leaves open ones alone", async (t) => {
  const { connect, listener } = await serveTls(t);
  const before = connect();
  await before.next();
  const renewed = await issueTestCertificate("localhost");
  listener.replaceCertificates(certificates(renewed));
  const seen: string[] = [];
  const tls = credentials.createSsl(Buffer.from(testRoot), null, null, {
    checkServerIdentity: (_, { raw }) => {
      seen.push(new X509Certificate(raw).fingerprint256);
      return undefined;
    },
  });
  const after = connectTestClient({ port: listener.address.port, credentials: tls });
  t.teardown(() => after.close());
  after.send({ node: testNode, typeUrl: typeUrls.cluster });
  await after.next();
  t.deepEqual(seen, [new X509Certificate(renewed.certificate).fingerprint256]);
  before.send({ typeUrl: typeUrls.cluster });
  t.is((await before.next()).typeUrl, typeUrls.cluster);
  t.throws(() => listener.replaceCertificates({ ...certificates(renewed), privateKey: serving.privateKey }));
  const still = connect();
  await still.next();
});

test("a certificate that does not fit its key is a message", async (t) => {
  const { server } = await serveTls(t);
  const mixed = { ...certificates(serving), privateKey: (await issueTestCertificate("other")).privateKey };
  const result = await server.listenTls({ host: "127.0.0.1", port: 0 }, mixed);
  t.regex(result.ok ? "" : result.message, /certificate cannot be used/);
});

test("a plaintext client on the TLS port gets nowhere", async (t) => {
  const { listener, config } = await serveTls(t);
  const stream = connectTestClient({ port: listener.address.port });
  t.teardown(() => stream.close());
  stream.send({ node: testNode, typeUrl: typeUrls.secret });
  t.is((await stream.status).code, status.UNAVAILABLE);
  t.deepEqual(config.events, []);
});

test("a client whose handshake is under way when the port closes is let go", async (t) => {
  const { server, listener } = await serveTls(t);
  const socket = connectSocket(listener.address.port, "127.0.0.1");
  t.teardown(() => socket.destroy());
  await once(socket, "connect");
  // The server has to have accepted it, of which nobody is told.
  await sleep(100);
  await server.close(0);
  const client = connectTls({
    socket,
    ca: testRoot,
    checkServerIdentity: () => undefined,
    ALPNProtocols: ["h2"],
  });
  client.on("error", () => undefined);
  await once(client, "close");
  t.pass();
});

test("an identity, whosever it is, is no permission to read what other clients have", async (t) => {
  const { listener, connect } = await serveTls(t);
  const pair = await issueTestCertificate("spiffe://cluster.local/ns/kube-system/sa/admin");
  await connect(pair).next();
  const tls = credentials.createSsl(
    Buffer.from(testRoot),
    Buffer.from(pair.privateKey),
    Buffer.from(pair.certificate),
    { checkServerIdentity: () => undefined },
  );
  const client = connectStatusClient(`127.0.0.1:${listener.address.port}`, tls);
  t.teardown(() => client.close());
  const refusal = await new Promise((done) => client.fetchClientStatus({}, (error) => done(error?.code)));
  t.is(refusal, status.PERMISSION_DENIED);
  const stream = client.streamClientStatus();
  const ended = new Promise((done) => stream.on("error", ({ code }) => done(code)));
  stream.write({});
  t.is(await ended, status.PERMISSION_DENIED);
});
