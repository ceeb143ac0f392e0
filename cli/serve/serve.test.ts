// The server as users run it: a process on real ports, real Envoys started from printed bootstraps.

import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { openAuthority } from "#ca";
import { startFairlead } from "../testing/process.ts";
import { envoyFrom, eventually, serve } from "../testing/server.ts";
import { folderWith, reviews, runInProcess, withWeights } from "../testing/terminal.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

async function get(
  address: string,
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(`http://${address}${path}`);
  return { status: response.status, body: await response.text() };
}

test.serial("an Envoy with the printed bootstrap gets its configuration and its certificate", async (t) => {
  const { child, state, xdsTls, http, folder } = await serve(t);
  const envoy = await envoyFrom(t, ["--service-account", "reviews", "--state", state, "--xds", xdsTls]);
  await envoy.ready();

  t.regex(
    await envoy.admin("/clusters?format=json"),
    /outbound\|9080\|v1\|reviews\.default\.svc\.cluster\.local/,
  );
  t.regex(await envoy.admin("/certs"), /"uri": "spiffe:\/\/cluster\.local\/ns\/default\/sa\/reviews"/);
  t.regex(await envoy.admin("/config_dump"), /"weight": 80/);

  t.is((await get(http, "/ready")).status, 200);
  const [status] = JSON.parse((await get(http, "/debug/syncz")).body);
  t.true(status.secure);
  t.deepEqual(
    status.types.map((each: { type: string; status: string }) => `${each.type} ${each.status}`),
    ["CDS", "EDS", "LDS", "RDS", "VHDS", "SDS"].map((type) => `${type} SYNCED`),
  );
  const dump = (await get(http, "/debug/config_dump?proxyID=reviews-v1.default")).body;
  t.regex(dump, /VirtualService default\/reviews/);
  t.notRegex(dump, /PRIVATE KEY/);

  // A saved file reaches the proxy; a bad one is named and changes nothing.
  const policy = join(folder, "policy/reviews.yaml");
  writeFileSync(policy, withWeights(55, 45)["policy/reviews.yaml"] ?? "");
  await eventually(t, "the new weight", async () => /"weight": 55/.test(await envoy.admin("/config_dump")));
  writeFileSync(
    policy,
    (withWeights(11, 89)["policy/reviews.yaml"] ?? "").replace("weight: 11", "weight: many"),
  );
  await child.says(/reviews\.yaml:\d+:\d+: .*many/);
  t.regex(await envoy.admin("/config_dump"), /"weight": 55/);
});

test.serial("a node that claims to be another workload is refused, clearly", async (t) => {
  const { child, state, xdsTls } = await serve(t);
  const envoy = await envoyFrom(t, ["--service-account", "intruder", "--state", state, "--xds", xdsTls]);
  await child.says(
    /node reviews-v1\.default is a workload of service account default\/reviews, but this stream is authenticated as default\/intruder/,
  );
  await eventually(t, "the reason in Envoy's log", async () => /default\/intruder/.test(envoy.output()));
  t.notRegex(await envoy.admin("/certs"), /spiffe/);
});

test.serial("a token of another mesh is refused without saying why to the peer", async (t) => {
  const { child, state, xdsTls } = await serve(t);
  const foreign = join(folderWith(t, {}), "state");
  const roots = join(state, "trust-bundle.pem");
  const flags = ["--service-account", "reviews", "--state", foreign, "--ca", roots, "--xds", xdsTls];
  const envoy = await envoyFrom(t, flags);
  await child.says(/"detail":"signed by a key that is not ours/);
  await eventually(t, "the refusal in Envoy's log", async () => /token/.test(envoy.output()));
  t.notRegex(envoy.output(), /not ours/);
});

test.serial("on the plaintext port: configuration, and no certificate", async (t) => {
  const { xds } = await serve(t);
  const envoy = await envoyFrom(t, ["--service-account", "reviews", "--plaintext", "--xds", xds]);
  await envoy.ready();
  t.regex(await envoy.admin("/clusters?format=json"), /outbound\|9080\|v1\|/);
  t.notRegex(await envoy.admin("/certs"), /spiffe/);
});

/** An operator's CA: here a root of ours that another state directory made. */
async function operatorCa(
  t: ExecutionContext,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const state = folderWith(t, {});
  const opened = await openAuthority({ stateDir: state, trustDomain: "cluster.local" });
  if (!opened.ok) throw new Error("an empty folder has nothing to be refused");
  opened.value.close();
  const read = (name: string) => readFileSync(join(state, "ca", name), "utf8");
  return { certificate: read("root-cert.pem"), key: read("root-key.pem") };
}

test.serial("a Secret cacerts in the root namespace is the CA, and bootstraps trust it", async (t) => {
  const { certificate, key } = await operatorCa(t);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const secret = JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "cacerts", namespace: "istio-system" },
    data: {
      "root-cert.pem": base64(certificate),
      "ca-cert.pem": base64(certificate),
      "ca-key.pem": base64(key),
    },
  });
  const { child, state, xdsTls } = await serve(t, { ...reviews, "cacerts.json": secret });
  t.regex(child.err(), /"msg":"certificate authority: plugged in"/);
  t.is(readFileSync(join(state, "trust-bundle.pem"), "utf8").trim(), certificate.trim());
  const envoy = await envoyFrom(t, ["--service-account", "reviews", "--state", state, "--xds", xdsTls]);
  await envoy.ready();
  const root = new X509Certificate(certificate).serialNumber.toLowerCase();
  t.true((await envoy.admin("/certs")).includes(root));
});

test.serial("--ca-dir wins over everything, for the server and for a bootstrap that names it", async (t) => {
  const { certificate, key } = await operatorCa(t);
  const files = { "root-cert.pem": certificate, "ca-cert.pem": certificate, "ca-key.pem": key };
  const directory = folderWith(t, files);
  const { child, state, xdsTls } = await serve(t, reviews, ["--ca-dir", directory]);
  t.regex(child.err(), /"msg":"certificate authority: plugged in"/);
  const flags = ["--service-account", "reviews", "--state", state, "--ca-dir", directory, "--xds", xdsTls];
  const envoy = await envoyFrom(t, flags);
  await envoy.ready();
  t.notThrows(() => readFileSync(join(state, "tokens/token-key.pem")));
  t.throws(() => readFileSync(join(state, "ca/root-key.pem")), { code: "ENOENT" });
});

test.serial(
  "SIGTERM drains and ends with 0; a second server on the same ports says what to do",
  async (t) => {
    const { child, folder, state, xds, xdsTls, http } = await serve(t);
    const second = startFairlead(t, [
      "serve",
      folder,
      "--state",
      state,
      "--xds",
      xds,
      "--xds-tls",
      xdsTls,
      "--http",
      http,
    ]);
    t.is(await second.ended, 1);
    t.regex(second.err(), new RegExp(`error: .*${xds}.*\\n.*is Fairlead already running\\?`));
    child.process.kill("SIGTERM");
    t.is(await child.ended, 0);
    t.regex(child.err(), /"msg":"stopped"/);
    t.is(child.out(), "");
  },
);

test.serial("a taken HTTP port is explained too", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.teardown(() => other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const folder = folderWith(t, reviews);
  const flags = ["--state", join(folder, ".state"), "--xds", "off", "--xds-tls", "off"];
  const child = startFairlead(t, ["serve", folder, ...flags, "--http", `127.0.0.1:${port}`]);
  t.is(await child.ended, 1);
  t.regex(child.err(), new RegExp(`error: .*127\\.0\\.0\\.1:${port}`));
  t.notRegex(child.err(), /mistake in Fairlead/);
});

test.serial("the plaintext port refuses to be reachable from elsewhere", async (t) => {
  const folder = folderWith(t, reviews);
  const flags = ["--state", join(folder, ".state"), "--xds-tls", "off", "--http", "off"];
  const child = startFairlead(t, ["serve", folder, ...flags, "--xds", "0.0.0.0:0"]);
  t.is(await child.ended, 1);
  t.regex(child.err(), /plaintext xDS port must bind to a loopback address/);
});

test.serial("key material that cannot be used is named, with what to do, and left alone", async (t) => {
  const folder = folderWith(t, reviews);
  const state = folderWith(t, { "ca/root-cert.pem": "nonsense", "ca/root-key.pem": "nonsense" });
  const ports = ["--xds", "off", "--xds-tls", "127.0.0.1:0", "--http", "off"];
  const child = startFairlead(t, ["serve", folder, "--state", state, ...ports]);
  t.is(await child.ended, 1);
  t.regex(child.err(), /error: the certificate authority: .*ca\/root-cert\.pem: /);
  t.is(readFileSync(join(state, "ca/root-key.pem"), "utf8"), "nonsense");
});

test.serial("settings that lie among the policy files are settings, and no policy", async (t) => {
  const folder = folderWith(t, { ...reviews, "mesh-config.yaml": "trustDomain: example.org\n" });
  const settings = ["--mesh-config", join(folder, "mesh-config.yaml")];
  const ports = ["--xds", "off", "--xds-tls", "127.0.0.1:0", "--http", "off"];
  const child = startFairlead(t, ["serve", folder, ...settings, "--state", join(folder, ".state"), ...ports]);
  await child.says(/"msg":"ready;/);
  t.regex(child.err(), /"trustDomain":"example\.org"/);
  t.notRegex(child.err(), /not-an-object/);
});

test.serial("messages that cannot be written, for their disk is full, do not end the server", async (t) => {
  const folder = folderWith(t, reviews);
  const http = "127.0.0.62:22915";
  const flags = ["--state", join(folder, ".state"), "--xds", "off", "--xds-tls", "off", "--http", http];
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [main, "serve", folder, ...flags], {
    stdio: ["ignore", "ignore", full],
  });
  t.teardown(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const isReady = () =>
    get(http, "/ready").then(
      ({ status }) => status === 200,
      () => false,
    );
  await eventually(t, "readiness", isReady);
  writeFileSync(join(folder, "policy/reviews.yaml"), "kind: [");
  await eventually(t, "the mistake to be known", async () =>
    /reviews\.yaml/.test((await get(http, "/debug/diagnostics")).body),
  );
  t.true(await isReady());
  child.kill("SIGTERM");
  t.deepEqual(await ended, [0, null]);
});

test.serial("wrong usage ends before anything is opened", async (t) => {
  t.is((await runInProcess(["serve", "/no/such/folder"])).code, 2);
  const folder = folderWith(t, reviews);
  t.is((await runInProcess(["serve", folder, "--mesh-config", "/no/such/file"])).code, 2);
  t.is((await runInProcess(["serve", folder, "--xds", "nonsense"])).code, 2);
});
