// What a person who runs a mesh meets: files that turn bad, proxies that refuse, and access logs.

import { existsSync, readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { request } from "../envoy/index.ts";
import { ports, serviceFile } from "./cast.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { eventually } from "./wait-until.ts";

let mesh: Mesh;

const gatewayPort = 21500;

/** From the start: later nobody could route to what is not there. */
const vain = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vain, namespace: shop }
spec:
  hosts: [vain.example]
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.29.4, ports: { http: ${ports.service} } }]
`;
const toVain = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: to-vain, namespace: shop }
spec:
  hosts: [routed.example]
  http: [{ route: [{ destination: { host: vain.example, subset: nowhere } }] }]
`;

test.before(async () => {
  mesh = await startMesh({
    net: 29,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "ingress", at: 2, envoy: "gateway" },
      { name: "reviews-v1", at: 3, envoy: "sidecar" },
      { name: "ratings-v1", at: 4 },
    ],
    files: {
      "services.yaml": [serviceFile("reviews"), serviceFile("ratings")].join("---"),
      "vain.yaml": vain,
      "to-vain.yaml": toVain,
    },
  });
});

test.after.always(() => mesh?.stop());

const answers = (host: string, status: number, name = host) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec:
  hosts: [${host}]
  http: [{ directResponse: { status: ${status} } }]
`;

const statusOf = async (host: string) => (await mesh.call("client", `http://${host}:9080/`)).status;

test.serial("a file that turns bad keeps its last good meaning, and the others go on", async (t) => {
  await mesh.edit({ "a.yaml": answers("reviews", 201), "b.yaml": answers("ratings", 202) });
  t.deepEqual([await statusOf("reviews"), await statusOf("ratings")], [201, 202]);
  const halfWritten = `${answers("reviews", 203)}  broken: [\n`;
  await mesh.edit({ "a.yaml": halfWritten, "b.yaml": answers("ratings", 204) });
  t.deepEqual([await statusOf("reviews"), await statusOf("ratings")], [201, 204]);
  const [problem] = mesh.control.plane.world().diagnostics.filter(({ severity }) => severity === "error");
  t.true(problem?.position.file.endsWith("a.yaml"));
  await mesh.edit({ "a.yaml": answers("reviews", 205) });
  t.is(await statusOf("reviews"), 205);
  await mesh.edit({ "a.yaml": undefined, "b.yaml": undefined });
  t.deepEqual([await statusOf("reviews"), await statusOf("ratings")], [200, 200]);
});

test.serial("one bad object keeps its last good meaning, and the others of its file go on", async (t) => {
  const both = (first: string, second: number) =>
    [answers("reviews", 201).replace("201", first), answers("ratings", second)].join("---");
  await mesh.edit({ "both.yaml": both("201", 201) });
  await mesh.edit({ "both.yaml": both("many", 202) });
  t.deepEqual([await statusOf("reviews"), await statusOf("ratings")], [201, 202]);
  await mesh.edit({ "both.yaml": undefined });
});

test.serial("a service that routes lead to in vain goes when it is deleted", async (t) => {
  const routed = async () => (await mesh.call("client", "http://routed.example/")).status;
  t.deepEqual([await statusOf("vain.example"), await routed()], [200, 503]);
  await mesh.edit({ "vain.yaml": undefined });
  t.deepEqual([await statusOf("vain.example"), await routed()], [502, 503]);
  await mesh.edit({ "vain.yaml": vain });
  t.is(await statusOf("vain.example"), 200);
  await mesh.edit({ "vain.yaml": undefined, "to-vain.yaml": undefined });
});

test.serial("an editor that saves by renaming", async (t) => {
  await mesh.edit({ "a.yaml": answers("reviews", 201) });
  const path = join(mesh.control.policyFolder, "a.yaml");
  await writeFile(`${path}~`, answers("reviews", 202));
  await rename(`${path}~`, path);
  t.is(
    await eventually(
      () => statusOf("reviews"),
      (status) => status === 202,
    ),
    202,
  );
  await rm(path);
  t.is(
    await eventually(
      () => statusOf("reviews"),
      (status) => status === 200,
    ),
    200,
  );
});

const gateway = (name: string, port: number, bind: string) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: ${port}, name: http, protocol: HTTP }
      ${bind}
      hosts: ["*"]
`;

const behind = (status: number) =>
  answers('"*"', status, "front").replace("spec:", "spec:\n  gateways: [good, bad]");

interface SyncStatus {
  readonly proxy: string;
  readonly types: readonly {
    readonly type: string;
    readonly status: string;
    readonly error?: string;
    readonly refused?: readonly { readonly name: string; readonly origins: readonly string[] }[];
  }[];
}

async function listenersOf(member: string) {
  const at = mesh.control.plane.http;
  const { body } = await request({ host: at?.host ?? "", port: at?.port ?? 0, path: "/debug/syncz" });
  const found = (JSON.parse(body) as SyncStatus[]).find(({ proxy }) => proxy.includes(`~${member}.`));
  return found?.types.find(({ type }) => type === "LDS");
}

test.serial("what a proxy refuses is named by file and line, and hurts nothing else", async (t) => {
  mesh.control.tolerateNacks = true;
  const get = async () => (await mesh.knock("ingress", { port: gatewayPort })).status;
  const unbindable = "bind: 192.0.2.77";
  await mesh.edit({
    "gateway.yaml": [
      gateway("good", gatewayPort, ""),
      gateway("bad", gatewayPort + 1, unbindable),
      behind(201),
    ].join("---"),
  });
  t.is(await get(), 201);
  const refused = await eventually(
    () => listenersOf("ingress"),
    (status) => status?.status === "NACKED",
  );
  t.is(refused?.status, "NACKED");
  t.regex(refused?.error ?? "", /192\.0\.2\.77/);
  const [culprit] = refused?.refused ?? [];
  t.is(culprit?.name, `192.0.2.77_${gatewayPort + 1}`);
  const written = readFileSync(join(mesh.control.policyFolder, "gateway.yaml"), "utf8");
  const line = written.split("\n").findIndex((each) => each.includes("name: bad")) + 1;
  t.regex(culprit?.origins.join() ?? "", new RegExp(`gateway\\.yaml:${line}(,|$)`));

  await mesh.edit({
    "gateway.yaml": [
      gateway("good", gatewayPort, ""),
      gateway("bad", gatewayPort + 1, unbindable),
      behind(202),
    ].join("---"),
  });
  t.is(await get(), 202, "changes go on");
  mesh.control.tolerateNacks = false;
  await mesh.edit({
    "gateway.yaml": [gateway("good", gatewayPort, ""), gateway("bad", gatewayPort + 1, ""), behind(203)].join(
      "---",
    ),
  });
  t.is(await get(), 203);
  t.is((await mesh.knock("ingress", { port: gatewayPort + 1 })).status, 203);
  t.is((await listenersOf("ingress"))?.status, "SYNCED");
  await mesh.edit({ "gateway.yaml": undefined });
});

let logs = 0;

async function logged(file: string, wanted: RegExp): Promise<string> {
  const read = async () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return eventually(read, (text) => wanted.test(text));
}

test.serial("access log: Istio's default format, from both ends of a request", async (t) => {
  const file = join(mesh.control.folder, "default.log");
  await mesh.configure(`accessLogFile: ${file}`);
  // Connections between the two that are older than the log are not logged; they end within a second.
  const lines = await eventually(
    async () => {
      const path = `/logged?q=${++logs}`;
      await mesh.call("client", `http://reviews:9080${path}`, { headers: { "user-agent": "test" } });
      await sleep(200);
      return readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.includes(`GET ${path} `));
    },
    (found) => found.length === 2,
  );
  t.is(lines.length, 2);
  for (const line of lines) {
    t.regex(
      line,
      /^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] "GET \/logged\?q=\d+ HTTP\/1\.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ "-" "test" /,
    );
  }
  t.is(lines.filter((line) => line.includes("outbound|9080||reviews.shop.svc.cluster.local")).length, 1);
});

test.serial("access log: a format of one's own, with CEL", async (t) => {
  const file = join(mesh.control.folder, "own.log");
  await mesh.configure(
    [
      `accessLogFile: ${file}`,
      `accessLogFormat: "%RESPONSE_CODE% %CEL(request.path)% %RESPONSE_FLAGS% by %REQ(:AUTHORITY)%\\n"`,
    ].join("\n"),
  );
  await mesh.call("client", "http://unknown.example/nowhere");
  t.regex(await logged(file, /nowhere/), /^502 \/nowhere - by unknown\.example$/m);
});

test.serial("access log: JSON, of the default and of one's own", async (t) => {
  const file = join(mesh.control.folder, "json.log");
  await mesh.configure(`accessLogFile: ${file}\naccessLogEncoding: JSON`);
  await mesh.call("client", "http://ratings:9080/json");
  const [first = "{}"] = (await logged(file, /json/)).trim().split("\n");
  t.like(JSON.parse(first), {
    method: "GET",
    path: "/json",
    response_code: 200,
    upstream_cluster: "outbound|9080||ratings.shop.svc.cluster.local",
  });
  const own = join(mesh.control.folder, "own-json.log");
  await mesh.configure(
    [
      `accessLogFile: ${own}`,
      "accessLogEncoding: JSON",
      `accessLogFormat: '{"code": "%RESPONSE_CODE%", "path": "%CEL(request.path)%"}'`,
    ].join("\n"),
  );
  await mesh.call("client", "http://ratings:9080/own");
  t.deepEqual(JSON.parse(await logged(own, /own/)), { code: 200, path: "/own" });
});

test.serial("access log: none unless asked for, and none any more", async (t) => {
  const file = join(mesh.control.folder, "gone.log");
  await mesh.configure(`accessLogFile: ${file}`);
  await mesh.call("client", "http://ratings:9080/before");
  await logged(file, /before/);
  await mesh.configure("");
  await mesh.call("client", "http://ratings:9080/after");
  await sleep(200);
  t.notRegex(readFileSync(file, "utf8"), /after/);
});
