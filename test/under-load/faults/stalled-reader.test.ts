// Proxies that stop reading, while one change follows the other: what waits for them stays bounded, they are dropped in the
// end, and nobody else gets a change later for it. They are compared with as many who read.

import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { typeUrls } from "#xds-server";
import { connectLightClient } from "../load/light-client.ts";
import { idle, losses } from "../load/losses.ts";
import type { LoadMesh } from "../mesh/mesh.ts";
import { plaintextPort, readSyncStatus } from "../mesh/plane.ts";
import { startUnderLoad, until } from "./under-load.ts";

const net = 37;
const clientCount = 150;
const serviceCount = 200;
const changes = 24;

/** Services that only their own namespace sees: the mesh's own proxies have nothing to do with them. */
const services = Array.from(
  { length: serviceCount },
  (_, index) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: s${index}, namespace: big }
spec:
  hosts: [s${index}.big.example]
  exportTo: ["."]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 192.0.2.1 }]
`,
).join("---");

/** Changes every one of their clusters. */
const rule = (connectTimeout: number) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: all, namespace: big }
spec:
  host: "*.big.example"
  exportTo: ["."]
  trafficPolicy: { connectionPool: { tcp: { connectTimeout: ${connectTimeout}ms } } }
`;

async function write(mesh: LoadMesh, name: string, text: string): Promise<void> {
  const path = join(mesh.policyFolder, name);
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}

/** Megabytes that a process has in memory. */
function residentMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

interface Round {
  /** How long a proxy waited for the change that was written, in the middle of all. */
  readonly medianMs: number;
  /** What the control plane's memory grew by. */
  readonly grownMb: number;
  /** Of one response, with every cluster in it. */
  readonly responseMb: number;
}

/** Connects one more proxy, which reads, and makes the changes one after the other, each once it has the one before. */
async function makeChanges(mesh: LoadMesh, name: string, first: number, count: number): Promise<Round> {
  let had = 0;
  let bytes = 0;
  const client = connectLightClient({
    ...{ port: plaintextPort({ net }), name, typeUrls: [typeUrls.cluster] },
    onResponse: ({ resources }) => {
      if (resources.length < serviceCount) return;
      had++;
      bytes = resources.reduce((sum, { resource }) => sum + (resource?.value.length ?? 0), 0);
    },
  });
  await until("the first answer", () => had > 0);
  const pid = mesh.plane.pid ?? 0;
  const memoryBefore = residentMb(pid);
  const times: number[] = [];
  for (let change = 0; change < count; change++) {
    const before = had;
    const start = performance.now();
    await write(mesh, "big-rule.yaml", rule(first + change));
    await until("the change", () => had > before, 2);
    times.push(performance.now() - start);
  }
  const grownMb = residentMb(pid) - memoryBefore;
  client.close();
  const [medianMs = 0] = times.sort((a, b) => a - b).slice(count / 2);
  return { medianMs, grownMb, responseMb: bytes / 1024 / 1024 };
}

test("stalled readers keep one response each waiting, delay nobody, and are dropped", async (t) => {
  t.timeout(170_000);
  const { mesh, load, finish } = await startUnderLoad(t, { net });
  await write(mesh, "big.yaml", services);
  await write(mesh, "big-rule.yaml", rule(500));
  const connected = async (name: string) =>
    (await readSyncStatus(net)).filter(({ proxy }) => proxy.includes(name)).length;
  let ended = 0;
  const connect = async (name: string, reads: boolean) => {
    const settings = {
      port: plaintextPort({ net }),
      typeUrls: [typeUrls.cluster],
      reads,
      onEnd: () => ended++,
    };
    const clients = Array.from({ length: clientCount }, (_, index) =>
      connectLightClient({ ...settings, name: `${name}-${index}.big` }),
    );
    t.teardown(() => clients.forEach((client) => void client.close()));
    await until("all to be connected", async () => (await connected(`~${name}-`)) === clientCount);
    return clients;
  };

  const readers = await connect("reader", true);
  const among = await makeChanges(mesh, "among.big", 1000, changes / 3);
  for (const reader of readers) reader.close();
  await until("the readers to be gone", async () => (await connected("~reader-")) === 0);
  ended = 0;
  const start = performance.now();
  await connect("stalled", false);
  const beside = await makeChanges(mesh, "beside.big", 2000, changes);
  t.is(ended, 0, "they were there all the while");
  await until("all of them to be dropped", () => ended === clientCount);
  const droppedMs = performance.now() - start;
  t.is(await connected("~stalled-"), 0);
  t.regex(mesh.plane.log(), /RESOURCE_EXHAUSTED: the client has not read/);

  const missedMb = clientCount * changes * beside.responseMb;
  const round = Math.round;
  t.log(
    `${changes} changes: median ${round(among.medianMs)} ms among ${clientCount} readers, ${round(beside.medianMs)} ms beside as many ` +
      `who stall; memory grew by ${round(beside.grownMb)} MB, where ${round(missedMb)} MB ` +
      `were not read; dropped after ${round(droppedMs)} ms`,
  );
  t.true(missedMb > 300, "this much would have been noticed");
  t.true(beside.grownMb < missedMb / 3, "memory is bounded");
  t.true(beside.medianMs < 1.5 * among.medianMs + 20, "nobody waits for those who stall");
  await finish();
  t.deepEqual(losses(load.tallies), []);
  t.deepEqual(idle(load.tallies), []);
});
