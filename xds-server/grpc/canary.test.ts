// Several clients of one server: a change goes to one of them first, and what it refuses to no other.

import test, { type ExecutionContext } from "ava";
import { typeUrls } from "../index.ts";
import { connectTestClient, type TestClient, testNode } from "../testing/client.ts";
import { createTestConfig } from "../testing/config.ts";
import { snapshotOf, type World } from "../testing/resources.ts";
import { createXdsServer, type XdsServerOptions } from "./server.ts";
import { createTurns, type Turns } from "./turns.ts";

const before: World = { LDS: { l: 1 } };
const after: World = { LDS: { l: { v: 2, from: "l.yaml:7" } } };
const typeUrl = typeUrls.listener;
const error = { code: 13, message: "no such filter" };

/** A server and two clients that have everything, or all of what each asks for by name. */
async function settled(
  t: ExecutionContext,
  session: XdsServerOptions["session"] = { canaryWaitMs: 600_000 },
  world = before,
  names: readonly [string[], string[]] = [[], []],
) {
  const config = createTestConfig(world);
  const turns = createTurns();
  const server = createXdsServer({
    port: config,
    turns,
    authenticate: () => ({ ok: true }),
    identifier: "replica-1",
    session,
  });
  t.teardown(() => server.close(0));
  const result = await server.listenPlaintext({ host: "127.0.0.1", port: 0 });
  if (!result.ok) throw new Error(result.message);
  const connect = async (resourceNamesSubscribe: string[] = [], node = testNode): Promise<TestClient> => {
    const client = connectTestClient({ port: result.listener.address.port });
    t.teardown(() => client.close());
    client.send({ node, typeUrl, resourceNamesSubscribe });
    client.ack(await client.next());
    return client;
  };
  const clients = [await connect(names[0]), await connect(names[1])] as const;
  const inSync = () => config.events.filter(({ kind }) => kind === "in-sync").length;
  while (inSync() < 2) await new Promise((resolve) => setImmediate(resolve));
  return { config, server, clients, connect, others: othersIn(t, turns) };
}

/** Clients that are still to be given a change, as long as they are `due`. */
function othersIn(t: ExecutionContext, turns: Turns) {
  let isDue = false;
  t.teardown(() => {
    isDue = false;
  });
  const line = turns.line<string>("change", (one) => {
    if (isDue) line.add([one]);
  });
  return {
    set due(now: boolean) {
      isDue = now;
      if (now) line.add(["another client"]);
    },
  };
}

/** Whether a response has arrived by the time the server has answered another question of the same client. */
async function hasNews(client: TestClient): Promise<boolean> {
  client.send({ typeUrl: typeUrls.routes, resourceNamesSubscribe: ["no such table"] });
  const answer = await client.next();
  if (answer.typeUrl !== typeUrls.routes) return true;
  client.ack(answer);
  return false;
}

test("the others get a change once one has accepted it", async (t) => {
  const { config, clients } = await settled(t);
  const [canary, follower] = clients;
  config.become(after);
  const change = await canary.next();
  t.false(await hasNews(follower));
  canary.ack(change);
  const followed = await follower.next();
  t.deepEqual(followed.resources[0]?.version, change.resources[0]?.version);
});

test("what one refuses is sent to nobody, named with its place, until it changes", async (t) => {
  const { config, clients, server, connect } = await settled(t);
  const [canary, follower] = clients;
  config.become(after);
  const change = await canary.next();
  canary.send({ typeUrl, responseNonce: change.nonce, errorDetail: error });
  await config.event("spared");
  t.false(await hasNews(follower));
  await connect();
  t.is(config.events.filter(({ kind }) => kind === "nacked").length, 1);
  const [entry, ...rest] = server.quarantine();
  t.deepEqual(rest, []);
  t.like(entry, { name: "l", message: "no such filter", nodeId: testNode.id });
  t.deepEqual(
    entry?.origins.map(({ position }) => `${position.file}:${position.line}`),
    ["l.yaml:7"],
  );
  config.become({ LDS: { l: 3 } });
  t.deepEqual(server.quarantine(), []);
  const next = await canary.next();
  t.is(next.systemVersionInfo, snapshotOf({ LDS: { l: 3 } }).id);
});

test("a canary that goes away passes the change on to the next", async (t) => {
  const { config, clients } = await settled(t);
  const [canary, follower] = clients;
  config.become(after);
  await canary.next();
  canary.cancel();
  t.is((await follower.next()).typeUrl, typeUrl);
});

test("a canary that does not answer is not waited for long", async (t) => {
  const { config, clients } = await settled(t, { canaryWaitMs: 30 });
  config.become(after);
  await clients[0].next();
  t.is((await clients[1].next()).typeUrl, typeUrl);
});

test("who would only wait is looked at when there is an answer, or once all others have had a turn", async (t) => {
  const names: readonly [string[], string[]] = [["l"], ["m"]];
  const { config, clients, others } = await settled(t, undefined, { LDS: { l: 1, m: 1 } }, names);
  const [canary, follower] = clients;
  others.due = true;
  config.become({ LDS: { l: 2, m: 2 } });
  const change = await canary.next();
  t.false(await hasNews(follower), "nobody knows yet that it has nothing to wait for");
  others.due = false;
  const followed = await follower.next();
  t.is(followed.resources[0]?.name, "m");
  follower.ack(followed);
  canary.ack(change);
  others.due = true;
  config.become({ LDS: { l: 3, m: 3 } });
  canary.ack(await canary.next());
  t.is((await follower.next()).resources[0]?.name, "m");
});

test("nobody waits for what other software tries", async (t) => {
  const { config, clients, connect, others } = await settled(t);
  const other = await connect([], { ...testNode, userAgentName: "another client" });
  await config.event("in-sync", ({ client }) => client.node.userAgentName === "another client");
  others.due = true;
  config.become(after);
  await clients[0].next();
  t.is((await other.next()).typeUrl, typeUrl);
});

test("who may be trying something is not waited for long either", async (t) => {
  const names: readonly [string[], string[]] = [["l"], ["m"]];
  const session = { canaryWaitMs: 30 };
  const { config, clients, others } = await settled(t, session, { LDS: { l: 1, m: 1 } }, names);
  const [canary, follower] = clients;
  others.due = true;
  config.become({ LDS: { l: 2, m: 1 } });
  await canary.next();
  await new Promise((resolve) => setTimeout(resolve, 40));
  config.become({ LDS: { l: 2, m: 2 } });
  t.is((await follower.next()).resources[0]?.name, "m", "though others are still to be given the change");
});

test("without canaries all get a change at once", async (t) => {
  const { config, clients } = await settled(t, { canaryWaitMs: 0 });
  config.become(after);
  for (const client of clients) t.is((await client.next()).typeUrl, typeUrl);
});

test("while others are still to be given a change, an acknowledgement waits, and nothing else does", async (t) => {
  const { config, clients, server, others } = await settled(t, { canaryWaitMs: 0 });
  const [canary, client] = clients;
  const acked = () => config.events.filter(({ kind }) => kind === "acked").length;
  others.due = true;
  const become = async (world: World) => {
    const before = acked();
    config.become(world);
    canary.ack(await canary.next());
    // Whoever was sent it first is heard at once: somebody may wait for what it says.
    await config.event("acked", () => acked() === before + 1);
  };
  await become(after);
  const before = acked();
  client.ack(await client.next());
  client.send({ typeUrl: typeUrls.routes, resourceNamesSubscribe: ["no such table"] });
  const answer = await client.next();
  t.is(answer.typeUrl, typeUrls.routes);
  t.is(acked(), before + 1, "what came before the question is heard before it");
  client.ack(answer);
  await hasComeIn(config);
  t.is(acked(), before + 1);
  server.clients();
  t.is(acked(), before + 2, "whoever asks how things stand is told of it");
  await become({ LDS: { l: 3 } });
  client.ack(await client.next());
  await hasComeIn(config);
  t.is(acked(), before + 3);
  others.due = false;
  await config.event("acked", () => acked() === before + 4);
  t.pass();
});

test("an answer that asks for something does not wait, nor does one keep the next change waiting", async (t) => {
  const { config, clients, others } = await settled(t, { canaryWaitMs: 0 });
  const [client] = clients;
  others.due = true;
  config.become(after);
  const { nonce } = await client.next();
  client.send({ typeUrl, responseNonce: nonce, resourceNamesSubscribe: ["no such listener"] });
  const answer = await client.next();
  t.deepEqual(answer.removedResources, ["no such listener"]);
  client.ack(answer);
  await hasComeIn(config);
  config.become({ LDS: { l: 3 } });
  client.ack(await client.next());
  await hasComeIn(config);
  config.become({ LDS: { l: 4 } });
  t.is((await client.next()).resources[0]?.name, "l");
  others.due = false;
});

test("a refusal does not wait", async (t) => {
  const { config, clients, others } = await settled(t, { canaryWaitMs: 0 });
  const [client] = clients;
  others.due = true;
  config.become(after);
  const change = await client.next();
  client.send({ typeUrl, responseNonce: change.nonce, errorDetail: error });
  t.is((await config.event("nacked")).message, error.message);
});

test("an acknowledgement that others wait for does not wait", async (t) => {
  const { config, clients, others } = await settled(t);
  const [canary, follower] = clients;
  others.due = true;
  config.become(after);
  canary.ack(await canary.next());
  t.is((await follower.next()).typeUrl, typeUrl);
});

/** As many requests have come in as were sent. */
async function hasComeIn(config: ReturnType<typeof createTestConfig>): Promise<void> {
  const received = () => config.events.filter(({ kind }) => kind === "received").length;
  for (let seen = -1, same = 0; same < 20; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    same = received() === seen ? same + 1 : 0;
    seen = received();
  }
}
