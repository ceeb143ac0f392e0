import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { parse } from "yaml";
import { openAuthority } from "#ca";
import { validateWithEnvoy } from "#setup";
import { folderWith, runInProcess } from "../testing/terminal.ts";

const reviews = ["--type", "sidecar", "--name", "reviews-v1", "--namespace", "default", "--ip", "10.0.0.7"];

interface Bootstrap {
  readonly node: { readonly id: string; readonly metadata: Readonly<Record<string, unknown>> };
  readonly admin: { readonly address: { readonly socket_address: object } };
  readonly dynamic_resources: {
    readonly ads_config: {
      readonly grpc_services: readonly {
        readonly initial_metadata?: readonly { readonly key: string; readonly value: string }[];
      }[];
    };
  };
}

async function bootstrap(argv: readonly string[]) {
  const { code, out, err } = await runInProcess(["bootstrap", ...argv]);
  return { code, out, err, parsed: parse(out) as Bootstrap };
}

function tokenIn({ dynamic_resources }: Bootstrap): string {
  const [header] = dynamic_resources.ads_config.grpc_services[0]?.initial_metadata ?? [];
  return header?.value.replace("Bearer ", "") ?? "";
}

test("with a state directory: a token for that workload, and nothing else to do", async (t) => {
  const state = join(folderWith(t, {}), "state");
  const { code, parsed, err } = await bootstrap([
    ...reviews,
    "--service-account",
    "reviews",
    "--state",
    state,
  ]);
  t.is(code, 0);
  t.is(err, "");
  const opened = await openAuthority({ stateDir: state, trustDomain: "cluster.local" });
  if (!opened.ok) return t.fail();
  t.teardown(() => opened.value.close());
  const verdict = await opened.value.verifyToken(tokenIn(parsed));
  t.like(verdict, {
    ok: true,
    value: { identity: { trustDomain: "cluster.local", namespace: "default", serviceAccount: "reviews" } },
  });
});

test("the node says what the flags say", async (t) => {
  const { parsed } = await bootstrap([
    ...reviews,
    "--label",
    "app=reviews",
    "--label",
    "version=v1",
    "--locality",
    "eu/a",
    "--plaintext",
  ]);
  t.is(parsed.node.id, "sidecar~10.0.0.7~reviews-v1.default~default.svc.cluster.local");
  t.like(parsed.node, {
    cluster: "reviews.default",
    locality: { region: "eu", zone: "a" },
    metadata: { LABELS: { app: "reviews", version: "v1" }, SERVICE_ACCOUNT: "default" },
  });
});

test("a real Envoy accepts every form of it", async (t) => {
  const folder = folderWith(t, {});
  const state = join(folder, "state");
  const forms = [
    ["--state", state],
    ["--state", state, "-o", "json"],
    ["--state", state, "--xds", "fairlead.example:15012", "--admin", "[::1]:0"],
    ["--plaintext"],
    ["--plaintext", "--xds", "[::1]:15010", "-o", "json"],
  ];
  for (const form of forms) {
    const { out } = await runInProcess(["bootstrap", ...reviews, ...form]);
    t.deepEqual(await validateWithEnvoy(out), { ok: true }, form.join(" "));
  }
});

test("YAML and JSON say the same", async (t) => {
  const yaml = await bootstrap([...reviews, "--plaintext"]);
  const json = await runInProcess(["bootstrap", ...reviews, "--plaintext", "-o", "json"]);
  t.deepEqual(JSON.parse(json.out), yaml.parsed);
});

test("two that make the state directory at the same time agree", async (t) => {
  const state = join(folderWith(t, {}), "state");
  const made = await Promise.all([1, 2, 3, 4].map(() => bootstrap([...reviews, "--state", state])));
  const opened = await openAuthority({ stateDir: state, trustDomain: "cluster.local" });
  if (!opened.ok) return t.fail();
  t.teardown(() => opened.value.close());
  for (const { parsed, out } of made) {
    t.true((await opened.value.verifyToken(tokenIn(parsed))).ok);
    t.true(out.replaceAll(/^ +/gm, "").includes(opened.value.trustBundlePem.trim()));
  }
});

test("with a token and roots that were brought along, no key is needed or made", async (t) => {
  const folder = folderWith(t, {});
  const minted = await bootstrap([...reviews, "--state", join(folder, "state")]);
  const root = readFileSync(join(folder, "state/ca/root-cert.pem"), "utf8");
  const brought = folderWith(t, { token: `${tokenIn(minted.parsed)}\n`, "roots.pem": root });
  const flags = ["--token", join(brought, "token"), "--ca", join(brought, "roots.pem")];
  const { code, parsed } = await bootstrap([...reviews, ...flags]);
  t.is(code, 0);
  t.deepEqual(parsed, minted.parsed);
  t.false(existsSync(join(brought, "ca")));
});

test("the mesh config's trust domain is the token's", async (t) => {
  const folder = folderWith(t, { "mesh.yaml": "trustDomain: example.org\n" });
  const flags = ["--state", join(folder, "state"), "--mesh-config", join(folder, "mesh.yaml")];
  const { out } = await bootstrap([...reviews, ...flags]);
  t.regex(out, /^# Holds a token for spiffe:\/\/example\.org\/ns\/default\/sa\/default, good until /m);
});

test("a comment says how to start Envoy, in the mesh config's numbers", async (t) => {
  const { out } = await bootstrap([...reviews, "--plaintext"]);
  t.regex(
    out,
    /^# Start it with: envoy -c FILE --drain-strategy immediate --drain-time-s 45 --concurrency 2$/m,
  );
  const folder = folderWith(t, { "mesh.yaml": "defaultConfig: {drainDuration: 5s, concurrency: 0}\n" });
  const told = await bootstrap([...reviews, "--plaintext", "--mesh-config", join(folder, "mesh.yaml")]);
  t.regex(told.out, /^# Start it with: envoy -c FILE --drain-strategy immediate --drain-time-s 5$/m);
});

test("on loopback the admin port is on the workload's own address", async (t) => {
  const argv = ["--type", "sidecar", "--name", "a", "--namespace", "b", "--ip", "127.0.7.7", "--plaintext"];
  t.deepEqual((await bootstrap(argv)).parsed.admin.address.socket_address, {
    address: "127.0.7.7",
    port_value: 15_000,
  });
});

test("a state directory is not taken for granted", async (t) => {
  const before = process.cwd();
  process.chdir(folderWith(t, {}));
  t.teardown(() => process.chdir(before));
  const { code, out, err } = await runInProcess(["bootstrap", ...reviews]);
  t.is(code, 2);
  t.is(out, "");
  t.regex(err, /--state DIR.*--token FILE with --ca FILE, or --plaintext/);
  t.false(existsSync(".fairlead"));
});

test("flags that contradict each other, or point nowhere", async (t) => {
  const folder = folderWith(t, { "no-token": "hello\n", "no-roots": "hello\n", token: "a.b.c" });
  const file = (name: string) => join(folder, name);
  for (const flags of [
    ["--plaintext", "--state", folder],
    ["--token", file("token")],
    ["--token", file("token"), "--state", folder, "--ca", file("no-roots")],
    ["--token", file("no-token"), "--ca", file("no-roots")],
    ["--token", file("token"), "--ca", file("no-roots")],
    ["--token", file("missing"), "--ca", file("no-roots")],
    ["--plaintext", "--xds", "nowhere"],
    ["--plaintext", "--label", "nothing"],
    ["--plaintext", "--type", "ambient"],
    ["--plaintext", "--mesh-config", file("missing")],
  ]) {
    t.is((await runInProcess(["bootstrap", ...reviews, ...flags])).code, 2, flags.join(" "));
  }
});

for (const flag of ["--type", "--name", "--namespace", "--ip"]) {
  test(`${flag} is needed`, async (t) => {
    const at = reviews.indexOf(flag);
    const argv = [...reviews.slice(0, at), ...reviews.slice(at + 2), "--plaintext"];
    const { code, err } = await runInProcess(["bootstrap", ...argv]);
    t.is(code, 2);
    t.regex(err, new RegExp(`required option '${flag} `));
  });
}

test("a gRPC client without an Envoy: its own bootstrap, in plain text only", async (t) => {
  const proxyless = ["bootstrap", "--type", "proxyless", ...reviews.slice(2)];
  const refused = await runInProcess(proxyless);
  t.is(refused.code, 2);
  t.regex(refused.err, /--plaintext/);
  const { code, out } = await runInProcess([...proxyless, "--plaintext", "--xds", "127.0.0.9:15010"]);
  t.is(code, 0);
  t.like(JSON.parse(out), {
    xds_servers: [{ server_uri: "127.0.0.9:15010", channel_creds: [{ type: "insecure" }] }],
    node: {
      id: "sidecar~10.0.0.7~reviews-v1.default~default.svc.cluster.local",
      metadata: { GENERATOR: "grpc" },
    },
  });
});
