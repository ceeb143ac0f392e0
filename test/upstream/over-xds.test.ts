// One running Envoy becomes proxy after proxy of Istio's own files, over authenticated delta ADS, and refuses nothing.
// Loading from a file cannot show this: here clusters, listeners and routes replace others under the same names.

import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import test, { type ExecutionContext } from "ava";
import {
  Redacted,
  tlsCertificateSecret,
  trustBundleSecretName,
  validationSecret,
  workloadSecretName,
} from "#ca";
import { parseIdentity } from "#identity";
import { createXdsServer, type EmittedResource, encodeSnapshot, type Snapshot } from "#xds-server";
import { createTestConfig, type TestConfig } from "../../xds-server/testing/config.ts";
import { adsBootstrap } from "../../xds-server/testing/envoy-resources.ts";
import { anyWorkload, issueTestCertificate, startEnvoy, testRoot } from "../envoy/index.ts";
import { absent } from "./istio-files.ts";
import { landable } from "./landable.ts";
import { compileWorld, listWorlds } from "./worlds.ts";

if (absent !== undefined) test(absent, (t) => t.pass());
else {
  test("one Envoy takes the configuration of proxy after proxy without refusing anything", async (t) => {
    t.timeout(600_000);
    const config = createTestConfig();
    const snapshots = distinctSnapshots();
    t.true(snapshots.length > 100);
    const [first, ...rest] = snapshots;
    if (first) config.becomeSnapshot(first.snapshot);
    const envoy = await startEnvoy({
      bootstrap: adsBootstrap({ port: await serve(t, config), root: testRoot, bearerToken: identity }),
      args: ["--drain-time-s", "1", "--drain-strategy", "immediate"],
    });
    t.teardown(() => envoy.stop());
    for (const { snapshot } of rest) {
      config.becomeSnapshot(snapshot);
      await config.event("in-sync", ({ snapshotId }) => snapshotId === snapshot.id);
    }
    const troubles = config.events.flatMap((event) => {
      if (event.kind !== "nacked" && event.kind !== "overdue" && event.kind !== "endpoints-overdue")
        return [];
      const of = "snapshotId" in event ? event.snapshotId : "";
      const proxy = snapshots.find(({ snapshot }) => snapshot.id === of)?.name ?? "";
      return [`${event.kind} ${proxy}: ${"message" in event ? event.message : event.names.join()}`];
    });
    t.deepEqual(troubles, []);
    const stats = await envoy.stats("(cluster_manager.cds|listener_manager.lds).update_(success|rejected)");
    t.is(stats.get("cluster_manager.cds.update_rejected"), 0);
    t.is(stats.get("listener_manager.lds.update_rejected"), 0);
    t.true((stats.get("listener_manager.lds.update_success") ?? 0) > 50);
    const accepted = config.events.filter(({ kind }) => kind === "acked").length;
    t.true(accepted > snapshots.length);
    t.log(`${snapshots.length} proxies in one Envoy, ${accepted} responses accepted`);
  });
}

const identity = "spiffe://cluster.local/ns/default/sa/default";

/** The server on a port of its own, encrypted, so that secrets travel too. */
async function serve(t: ExecutionContext, config: TestConfig): Promise<number> {
  const server = createXdsServer({
    port: config,
    identifier: "test",
    authenticate: ({ bearerToken }) => {
      const proven = parseIdentity(bearerToken ?? "");
      return proven
        ? { ok: true, identity: proven }
        : { ok: false, code: "UNAUTHENTICATED", message: "no token" };
    },
    session: { removalGraceMs: 20 },
  });
  t.teardown(() => server.close(0));
  const serving = await issueTestCertificate("localhost");
  const result = await server.listenTls(
    { host: "127.0.0.1", port: 0 },
    { certificateChain: serving.certificate, privateKey: serving.privateKey, clientRoots: testRoot },
  );
  if (!result.ok) throw new Error(result.message);
  return result.listener.address.port;
}

interface NamedSnapshot {
  readonly name: string;
  readonly snapshot: Snapshot;
}

function distinctSnapshots(): readonly NamedSnapshot[] {
  const found = new Map<string, NamedSnapshot>();
  for (const world of listWorlds()) {
    for (const { id, resources } of compileWorld(world).proxies) {
      const snapshot = encodeSnapshot([...resources.map(landable), ...workloadSecrets]);
      if (!found.has(snapshot.id)) found.set(snapshot.id, { name: `${world.name}, ${id}`, snapshot });
    }
  }
  return [...found.values()];
}

/** What the CA adds to what the compiler emits. */
const workloadSecrets: readonly EmittedResource[] = [
  tlsCertificateSecret(workloadSecretName, anyWorkload.certificate, new Redacted(anyWorkload.privateKey)),
  validationSecret(trustBundleSecretName, testRoot),
].map((message) => ({
  typeUrl: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
  name: message.name,
  schema: SecretSchema,
  message,
  origins: [],
}));
