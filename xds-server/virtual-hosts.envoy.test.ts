// Virtual hosts as resources of their own, with a real Envoy: two tables, hosts that come, go, change and swap domains, a
// table that is given up and comes back, a server that is away, and a host that Envoy refuses.

import test, { type ExecutionContext } from "ava";
import { request } from "../test/envoy/client.ts";
import { type EchoServer, startEchoServer } from "../test/envoy/echo-server.ts";
import { startEnvoy } from "../test/envoy/process.ts";
import { type EmittedResource, encodeSnapshot, type HostPort, typeUrls } from "./index.ts";
import { createTestConfig, type TestConfig } from "./testing/config.ts";
import { adsBootstrap, cluster, endpoints, host, listener, tableOfHosts } from "./testing/envoy-resources.ts";
import { serve } from "./testing/serve.ts";

interface Stage {
  readonly config: TestConfig;
  readonly server: Awaited<ReturnType<typeof serve>>["server"];
  readonly address: HostPort;
  readonly envoy: Awaited<ReturnType<typeof startEnvoy>>;
  readonly base: readonly EmittedResource[];
  become(...resources: readonly EmittedResource[]): Promise<void>;
  /** Who answers for a host of a listener, or the status of the refusal. */
  ask(listenerName: string, authority: string): Promise<string | number>;
}

/** Clusters v1 and v2, listeners `one` and `two` with a table of the same name each, and these hosts. */
async function stage(t: ExecutionContext, ...hosts: readonly EmittedResource[]): Promise<Stage> {
  const upstreams = new Map<string, EchoServer>();
  for (const name of ["v1", "v2"]) {
    const upstream = await startEchoServer({ name });
    t.teardown(() => upstream.stop());
    upstreams.set(name, upstream);
  }
  const base = [...upstreams].flatMap(([name, { port }]) => [cluster(name), endpoints(name, port)]);
  const config = createTestConfig();
  const { server, address } = await serve(t, config);
  const tables = ["one", "two"].flatMap((name) => [listener(name, name), tableOfHosts(name)]);
  config.becomeSnapshot(encodeSnapshot([...base, ...tables, ...hosts]));
  const envoy = await startEnvoy({ bootstrap: adsBootstrap({ port: address.port, discoversHosts: true }) });
  t.teardown(() => envoy.stop());
  await config.event("in-sync");
  await envoy.ready();
  return {
    config,
    server,
    address,
    envoy,
    base,
    become: async (...resources) => {
      const snapshot = encodeSnapshot([...base, ...resources]);
      config.becomeSnapshot(snapshot);
      await config.event("in-sync", ({ snapshotId }) => snapshotId === snapshot.id);
    },
    ask: async (name, authority) => {
      const port = await envoy.listenerPort(name);
      const { status, headers } = await request({ port, headers: { host: authority } });
      return status === 200 ? String(headers["x-server"]) : status;
    },
  };
}

const one = [listener("one", "one"), tableOfHosts("one")];
// A listener waits for the first host of its table.
const other = host("two/z", "z", "v1");
const two = [listener("two", "two"), tableOfHosts("two"), other];
const sentHosts = ({ events }: TestConfig) =>
  events.flatMap((each) => (each.kind === "sent" && each.typeUrl === typeUrls.virtualHosts ? [each] : []));
const nacks = ({ events }: TestConfig) => events.filter(({ kind }) => kind === "nacked");

test("each table has its hosts from the first request on; one that changes is sent alone", async (t) => {
  const hosts = [host("one/a", "a", "v1"), host("one/b", "b", "v2"), host("two/a", "a", "v2")];
  const { config, ask, become } = await stage(t, ...hosts, other);
  t.deepEqual(await Promise.all([ask("one", "a"), ask("one", "b"), ask("two", "a")]), ["v1", "v2", "v2"]);
  t.is(await ask("two", "b"), 404);
  const before = sentHosts(config).length;
  await become(...one, ...two, host("one/a", "a", "v2"), ...hosts.slice(1));
  t.is(await ask("one", "a"), "v2");
  const [change, ...more] = sentHosts(config).slice(before);
  t.deepEqual([change?.resources, change?.removed, more.length], [1, 0, 0]);
  t.true((change?.bytes ?? 0) < 500, `${change?.bytes} bytes`);
  t.deepEqual(nacks(config), []);
});

test("a domain moves between hosts in one step, and a host that is withdrawn is gone", async (t) => {
  const { config, ask, become } = await stage(t, host("one/a", "a", "v1"), host("one/b", "b", "v2"), other);
  await become(...one, ...two, host("one/a", "b", "v1"), host("one/b", "a", "v2"));
  t.deepEqual(await Promise.all([ask("one", "a"), ask("one", "b")]), ["v2", "v1"]);
  await become(...one, ...two, host("one/b", "a", "v2"), host("one/c", "b", "v2"));
  t.deepEqual(await Promise.all([ask("one", "a"), ask("one", "b")]), ["v2", "v2"]);
  await become(...one, ...two, host("one/c", "b", "v2"));
  t.is(await ask("one", "a"), 404);
  t.deepEqual(nacks(config), []);
});

test("a table that was given up comes back with its hosts", async (t) => {
  const hosts = [host("one/a", "a", "v1"), host("two/a", "a", "v2")];
  const { config, ask, become, envoy } = await stage(t, ...hosts, other);
  await become(...one, ...hosts, other);
  t.notRegex(await envoy.admin("/listeners"), /two/);
  await become(...one, ...two, ...hosts);
  t.is(await ask("two", "a"), "v2");
  t.deepEqual(nacks(config), []);
});

test("after the server was away, hosts that the client has are not sent again, and what changed is", async (t) => {
  const hosts = [host("one/a", "a", "v1"), host("one/b", "b", "v1"), host("one/c", "c", "v1")];
  const { ask, address, base, server, envoy } = await stage(t, ...hosts, host("two/a", "a", "v1"), other);
  await server.close(0);
  t.is(await ask("one", "a"), "v1");
  const config = createTestConfig();
  const changed = [...one, ...two, hosts[0], host("one/b", "b", "v2"), host("two/a", "a", "v1")];
  config.becomeSnapshot(encodeSnapshot([...base, ...(changed as EmittedResource[])]));
  await serve(t, config, address);
  await config.event("in-sync");
  t.deepEqual(await Promise.all([ask("one", "a"), ask("one", "b"), ask("one", "c")]), ["v1", "v2", 404]);
  const sent = sentHosts(config).map(({ resources, removed }) => [resources, removed]);
  t.deepEqual(sent, [[1, 1]]);
  const stats = await envoy.stats("vhds.one.config_reload");
  t.is([...stats.values()].at(0), 2, "the first time, and now");
});

test("requests go on while hosts and their clusters are renamed", async (t) => {
  const { become, ask, config } = await stage(t, host("one/a", "a", "v1"), other);
  let running = true;
  const answers = new Set<string | number>();
  const load = Promise.all(
    Array.from({ length: 3 }, async () => {
      while (running) answers.add(await ask("one", "a"));
    }),
  );
  for (let round = 0; round < 10; round++) {
    const to = round % 2 ? "v1" : "v2";
    await become(...one, ...two, host(`one/a${round}`, "a", to));
    t.is(await ask("one", "a"), to);
  }
  running = false;
  await load;
  t.deepEqual(
    [...answers].filter((each) => each !== "v1" && each !== "v2"),
    [],
  );
  t.deepEqual(nacks(config), []);
});

test("a host that Envoy refuses is named; the others arrive, and its last good version stays", async (t) => {
  const { become, ask, config, server } = await stage(
    t,
    host("one/a", "a", "v1"),
    host("one/b", "b", "v1"),
    other,
  );
  const bad = host("one/b", "b", "v2", { invalid: true, from: "reviews.yaml:12" });
  await become(...one, ...two, host("one/a", "a", "v2"), bad);
  t.deepEqual(await Promise.all([ask("one", "a"), ask("one", "b")]), ["v2", "v1"]);
  const refused = server.clients()[0]?.types.find(({ shortName }) => shortName === "VHDS")?.refused;
  t.deepEqual(
    refused?.map(({ name, origins }) => [name, origins[0]?.position.file]),
    [["one/b", "reviews.yaml"]],
  );
  t.true(nacks(config).length > 0);
  await become(...one, ...two, host("one/a", "a", "v2"), host("one/b", "b", "v2"));
  t.is(await ask("one", "b"), "v2");
});
