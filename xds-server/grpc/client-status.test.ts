// The client status service as a client of the published definition sees it.

import test, { type ExecutionContext } from "ava";
import { typeUrls } from "../index.ts";
import { connectTestClient, testNode } from "../testing/client.ts";
import {
  connectStatusClient,
  type StatusClient,
  type StatusResponse,
} from "../testing/client-status-client.ts";
import { createTestConfig } from "../testing/config.ts";
import { resource, type World } from "../testing/resources.ts";
import { createXdsServer } from "./server.ts";

const before: World = {
  CDS: { a: { v: 1, endpoints: "static" }, b: { v: 1, endpoints: "static" } },
  LDS: { l: 1 },
};
const after: World = { ...before, CDS: { ...before.CDS, b: { v: 2, endpoints: "static" } } };

async function serve(t: ExecutionContext) {
  const config = createTestConfig(before);
  const server = createXdsServer({
    port: config,
    authenticate: () => ({ ok: true }),
    identifier: "one",
    session: { canaryWaitMs: 0 },
  });
  t.teardown(() => server.close(0));
  const result = await server.listenPlaintext({ host: "127.0.0.1", port: 0 });
  if (!result.ok) throw new Error(result.message);
  const { port } = result.listener.address;
  const asking = connectStatusClient(`127.0.0.1:${port}`);
  t.teardown(() => asking.close());
  const proxy = () => {
    const client = connectTestClient({ port });
    t.teardown(() => client.close());
    return client;
  };
  return { config, server, asking, proxy };
}

const fetch = (client: StatusClient, request: object = {}) =>
  new Promise<StatusResponse>((done, failed) => {
    client.fetchClientStatus(request, (error, response) => (error ? failed(error) : done(response)));
  });

/** `name config_status client_status`, with the version in short. */
const lines = (response: StatusResponse) =>
  response.config.flatMap(({ generic_xds_configs }) =>
    generic_xds_configs.map((each) => `${each.name} ${each.config_status} ${each.client_status}`),
  );

test("each resource is accepted, on its way or refused, with content and reason", async (t) => {
  const { config, asking, proxy } = await serve(t);
  const client = proxy();
  client.send({ node: testNode, typeUrl: typeUrls.cluster });
  const first = await client.next();
  t.deepEqual(lines(await fetch(asking)), ["a STALE REQUESTED", "b STALE REQUESTED"]);
  client.ack(first);
  await config.event("acked");
  const accepted = await fetch(asking);
  t.deepEqual(lines(accepted), ["a SYNCED ACKED", "b SYNCED ACKED"]);
  const [one] = accepted.config;
  t.is(one?.node.id, testNode.id);
  t.is(one?.node.user_agent_name, "envoy");
  const cluster = resource("CDS", "a", { v: 1, endpoints: "static" });
  const [a] = one?.generic_xds_configs ?? [];
  t.is(a?.version_info, cluster.version);
  t.is(a?.type_url, typeUrls.cluster);
  t.is(a?.xds_config?.type_url, typeUrls.cluster);
  t.deepEqual(a?.xds_config?.value, Buffer.from(cluster.body));

  config.become(after);
  const second = await client.next();
  const refusal = { code: 3, message: "no good" };
  client.send({ typeUrl: typeUrls.cluster, responseNonce: second.nonce, errorDetail: refusal });
  await config.event("nacked");
  const refused = await fetch(asking, { exclude_resource_contents: true });
  t.deepEqual(lines(refused), ["a SYNCED ACKED", "b ERROR NACKED"]);
  const b = refused.config[0]?.generic_xds_configs[1];
  t.is(b?.version_info, resource("CDS", "b", { v: 1, endpoints: "static" }).version, "the last good one");
  t.is(b?.error_state?.version_info, resource("CDS", "b", { v: 2, endpoints: "static" }).version);
  t.is(b?.error_state?.details, "no good");
  t.true(Number(b?.error_state?.last_update_attempt?.seconds) > 1_700_000_000);
  t.is(b?.xds_config, null);
});

test("a name that does not exist, and a version that another client refused", async (t) => {
  const { config, asking, proxy } = await serve(t);
  const [refusing, spared] = [proxy(), proxy()];
  const nodes = ["sidecar~10.0.0.1~one.ns~x", "sidecar~10.0.0.2~two.ns~x"];
  for (const [index, client] of [refusing, spared].entries()) {
    client.send({
      node: { ...testNode, id: nodes[index] ?? "" },
      typeUrl: typeUrls.cluster,
      resourceNamesSubscribe: ["b", "missing"],
    });
    client.ack(await client.next());
  }
  await config.event("acked", ({ client }) => client.nodeId === nodes[1]);
  config.become(after);
  const response = await refusing.next();
  refusing.send({
    typeUrl: typeUrls.cluster,
    responseNonce: response.nonce,
    errorDetail: { code: 3, message: "no good" },
  });
  await config.event("nacked");
  const late = proxy();
  late.send({ node: { ...testNode, id: "late" }, typeUrl: typeUrls.cluster, resourceNamesSubscribe: ["b"] });
  await config.event("spared", ({ client }) => client.nodeId === "late");
  const found = await fetch(asking, { node_matchers: [{ node_id: { exact: "late" } }] });
  t.deepEqual(lines(found), ["b NOT_SENT REQUESTED"]);
  t.regex(found.config[0]?.generic_xds_configs[0]?.error_state?.details ?? "", /another client/);
  const first = await fetch(asking, {
    node_matchers: [{ node_id: { prefix: "SIDECAR~10.0.0.1", ignore_case: true } }],
  });
  t.deepEqual(lines(first), ["b ERROR NACKED", "missing NOT_SENT DOES_NOT_EXIST"]);
});

test("matchers choose among clients, and one that is not understood is said to be", async (t) => {
  const { asking, proxy } = await serve(t);
  for (const name of ["one", "two"]) {
    const client = proxy();
    const node = { ...testNode, id: name, metadata: { ZONE: name, NESTED: { on: name === "two" } } };
    client.send({ node, typeUrl: typeUrls.listener });
    await client.next();
  }
  const ids = async (...matchers: readonly object[]) =>
    (await fetch(asking, { node_matchers: matchers })).config.map(({ node }) => node.id);
  const metadata = (keys: readonly string[], value: object) => ({
    node_metadatas: [{ path: keys.map((key) => ({ key })), value }],
  });
  t.deepEqual(await ids(), ["one", "two"]);
  t.deepEqual(await ids({ node_id: { safe_regex: { regex: "t.o" } } }), ["two"]);
  t.deepEqual(await ids({ node_id: { contains: "n" } }, { node_id: { suffix: "wo" } }), ["one", "two"]);
  t.deepEqual(await ids(metadata(["ZONE"], { string_match: { exact: "one" } })), ["one"]);
  t.deepEqual(await ids(metadata(["NESTED", "on"], { bool_match: true })), ["two"]);
  t.deepEqual(await ids(metadata(["NESTED", "off"], { present_match: true })), []);
  const odd = metadata(["ZONE"], { list_match: { one_of: { bool_match: true } } });
  await t.throwsAsync(ids(odd), { message: /INVALID_ARGUMENT.*listMatch/ });
  await t.throwsAsync(ids({ node_id: { safe_regex: { regex: "(" } } }), { message: /INVALID_ARGUMENT/ });
});

test("a stream answers each question, and ends with the server", async (t) => {
  const { asking, server, proxy } = await serve(t);
  const client = proxy();
  client.send({ node: testNode, typeUrl: typeUrls.listener });
  await client.next();
  const stream = asking.streamClientStatus();
  const answers: StatusResponse[] = [];
  let wake = () => {};
  stream.on("data", (response) => {
    answers.push(response);
    wake();
  });
  const ended = new Promise<string>((done) => {
    stream.on("end", () => done("ended")).on("error", ({ details }) => done(details));
  });
  for (const count of [1, 2]) {
    stream.write({ node_matchers: [] });
    while (answers.length < count) await new Promise<void>((done) => (wake = done));
  }
  t.deepEqual(answers.map(lines), [["l STALE REQUESTED"], ["l STALE REQUESTED"]]);
  await server.close(0);
  t.is(await ended, "the server is shutting down");
});
