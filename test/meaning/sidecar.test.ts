// Sidecars of three namespaces, made up at random: on which ports the proxies of four workloads listen, where what comes in there goes, whom
// each reaches from where, and what becomes of the rest is what the reference says. HTTP is told from TCP by the header that a proxy adds to
// requests, and how much a workload can bear is what its Envoy says.

import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import test from "ava";
import { stringify } from "yaml";
import { type Application, startApplication } from "../end-to-end/application.ts";
import { ports } from "../end-to-end/cast.ts";
import { type Answer, answerOf, type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { request } from "../envoy/index.ts";
import { compare } from "./compare.ts";
import {
  callers,
  calls,
  doors,
  localPort,
  net,
  outside,
  servers,
  socket,
  workloads,
  worlds,
} from "./made-up-sidecars.ts";
import { networkingText } from "./objects.ts";
import { type Call, outcomeOf, rootNamespace, type Service, type Sidecar } from "./sidecar.ts";
import type { Addresses, Outcome, Pool, Rule } from "./sidecar-ingress.ts";

let mesh: Mesh;
const applications: Application[] = [];
/** What is said to the socket, the application of that name hears. */
const relay = createServer((from) => {
  const to = connect({ host: outside.address, port: outside.socketPort });
  for (const end of [from, to]) end.on("error", () => [from, to].map((each) => each.destroy()));
  from.pipe(to).pipe(from);
});

const places = [
  ...workloads.flatMap(({ address }) =>
    [ports.application, ports.tcpApplication].map((port) => ({ host: address, port })),
  ),
  { host: outside.address, port: outside.port },
  { host: "127.0.0.1", port: localPort },
].map((place) => ({ ...place, name: `${place.host}:${place.port}` }));
const addresses: Addresses = {
  ...Object.fromEntries(places.map(({ name }) => [name, name])),
  [socket]: "socket",
};

test.before(async () => {
  const behindSocket = { name: "socket", host: outside.address, port: outside.socketPort };
  applications.push(...(await Promise.all([...places, behindSocket].map(startApplication))));
  rmSync(socket, { force: true });
  await once(relay.listen(socket), "listening");
  mesh = await startMesh({
    net,
    members: [...callers, ...servers],
    files: {
      "own-services.yaml": ["client", "stranger"].map(ownServiceText).join("---\n"),
      "once.yaml": ["shop", rootNamespace].map(onceText).join("---\n"),
    },
  });
  const scopes = ["shop", "elsewhere", rootNamespace].map((each) => [`scope-${each}.yaml`, undefined]);
  await mesh.edit(Object.fromEntries(scopes));
});

test.after.always(async () => {
  await mesh?.stop();
  relay.close();
  await Promise.all(applications.map((application) => application.stop()));
});

test("a sidecar listens where the reference says, and leads where the reference says", (t) =>
  compare(t, {
    policies: worlds,
    requests: calls,
    requestsPerPolicy: 20,
    apply: async ({ sidecars, services, rules, mode }) => {
      const config = stringify({
        proxyHttpPort: ports.proxy,
        connectTimeout: "1s",
        defaultHttpRetryPolicy: { attempts: 0 },
        defaultConfig: { interceptionMode: "NONE" },
        ...(mode && { outboundTrafficPolicy: { mode } }),
      });
      const texts = [...services.flatMap(serviceText), ...sidecars.map(sidecarText), ...rules.map(ruleText)];
      await mesh.control.save({ "mesh-config.yaml": config });
      await mesh.policy(...texts);
      return [config, ...texts].join("---\n");
    },
    expected: (world, call) => ({ ...outcomeOf(world, addresses, call), door: doorOf(call) }),
    actual: async (call, { pool }) => {
      const outcome = { ...(await outcomeSeen(call)), door: doorOf(call) };
      return pool ? { ...outcome, pool: await poolSeen(call, outcome) } : outcome;
    },
    kind: ({ status, door, protocol, pool }) =>
      [door, `${status}`, protocol, pool && ["with", ...Object.keys(pool)].join(" ")]
        .filter(Boolean)
        .join(" "),
  }));

/** For the count of outcomes. */
function doorOf({ address, port }: Call): "proxy" | "in" | "out" {
  if (address === undefined) return "proxy";
  return doors.some((each) => each === port) ? "in" : "out";
}

async function outcomeSeen({ at, address, port, host }: Call): Promise<Outcome> {
  try {
    if (address === undefined) return answered(await mesh.call(at.name, `http://${host}:${port}/`));
    return answered(answerOf(await request({ host: address, port, headers: { host } })));
  } catch (error) {
    return { status: (error as NodeJS.ErrnoException).code === "ECONNREFUSED" ? -1 : 0 };
  }
}

function answered({ status, server, seen }: Answer): Outcome {
  if (!seen) return { status };
  return { status, server, protocol: "x-request-id" in seen.headers ? "HTTP" : "TCP" };
}

/** Retries are for HTTP: without, the connection is cut, or passed on as it is. */
async function poolSeen({ at, port }: Call, { status, protocol }: Outcome): Promise<Pool> {
  const text = await mesh.envoy(at.name).admin("/clusters");
  const limit = (name: string) => {
    const line = new RegExp(`^inbound\\|${port}\\|\\|::default_priority::${name}::(\\d+)$`, "m").exec(text);
    return Number(line?.[1]);
  };
  const [maxConnections, maxRetries] = [limit("max_connections"), limit("max_retries")];
  const unlimited = 2 ** 32 - 1;
  return {
    ...(maxConnections !== unlimited && { tcp: { maxConnections } }),
    ...(maxRetries !== unlimited && status !== 0 && protocol !== "TCP" && { http: { maxRetries } }),
  };
}

/** Those with sidecars are always there. */
function serviceText({ host, namespace, server, ports: offered }: Service, age: number): readonly string[] {
  if (typeof server !== "string") return [];
  const metadata = { name: server, namespace, creationTimestamp: dateOf(age) };
  const all = Object.entries(offered).map(([number, protocol]) => ({
    number: Number(number),
    name: `${protocol.toLowerCase()}-${number}`,
    protocol,
  }));
  if (!host.endsWith(".svc.cluster.local")) {
    const spec = {
      hosts: [host],
      resolution: "STATIC",
      ports: all.map((port) => ({ ...port, targetPort: ports.service })),
      endpoints: [{ address: mesh.address(server) }],
    };
    return [networkingText("ServiceEntry", metadata, spec)];
  }
  const served = all.map(({ number, name }) => ({ name, port: number, targetPort: ports.service }));
  return [kubernetesText(metadata, { selector: { app: server }, ports: served })];
}

function ownServiceText(app: string): string {
  const served = doors.map((port) => ({ name: `http-${port}`, port, targetPort: port }));
  return kubernetesText({ name: app, namespace: namespaceOf(app) }, { selector: { app }, ports: served });
}

/** A new connection for every request: one through a TCP port leads for ever where it led at first. */
function onceText(namespace: string): string {
  const spec = {
    host: "stranger.elsewhere.svc.cluster.local",
    trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } },
  };
  return networkingText("DestinationRule", { name: "once", namespace }, spec);
}

function kubernetesText(metadata: object, spec: object): string {
  return stringify({ apiVersion: "v1", kind: "Service", metadata, spec });
}

function namespaceOf(app: string): string {
  return workloads.find(({ labels }) => labels.app === app)?.namespace ?? "";
}

function sidecarText({ namespace, age, spec }: Sidecar, index: number): string {
  const metadata = { name: `sidecar-${index}`, namespace, creationTimestamp: dateOf(age) };
  return networkingText("Sidecar", metadata, spec);
}

function ruleText({ app, ...trafficPolicy }: Rule): string {
  const namespace = namespaceOf(app);
  const host = `${app}.${namespace}.svc.cluster.local`;
  return networkingText("DestinationRule", { name: app, namespace }, { host, trafficPolicy });
}

function dateOf(age: number): string {
  return `2026-01-01T00:00:0${age}Z`;
}
