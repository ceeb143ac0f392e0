// Runs inside a network namespace: the mesh under load, whose control plane is in another one. Has the network between them
// taken away for a while, changes the policy meanwhile, and reports who noticed what.

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { answered, idle, losses } from "../load/losses.ts";
import { startLoad } from "../load/start-load.ts";
import { type LoadMesh, startLoadMesh } from "../mesh/mesh.ts";
import { editPolicy } from "../policy/edit.ts";
import type { CutOrder, CutReport, NetworkOrder } from "./cut-orders.ts";

const order = JSON.parse(process.argv[2] ?? "") as CutOrder;
const patienceMs = 120_000;

// Envoys and the control plane end with this process, but not when it is killed without being asked.
process.once("disconnect", () => process.exit(1));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

async function network(wish: NetworkOrder): Promise<void> {
  const done = once(process, "message");
  process.send?.(wish);
  await done;
}

/** Milliseconds from `start` until it holds. */
async function timeUntil(start: number, what: string, holds: () => boolean | Promise<boolean>) {
  while (!(await holds())) {
    if (performance.now() - start > patienceMs) throw new Error(`waited in vain for ${what}`);
    await sleep(50);
  }
  return Math.round(performance.now() - start);
}

/** How many pings of each proxy were not answered. Whether it says that it is connected means little: it does while it tries. */
async function deadPings(mesh: LoadMesh): Promise<readonly number[]> {
  const stats = [...mesh.envoys.values()].map((envoy) => envoy.stats("xds-grpc.http2.keepalive_timeout$"));
  return (await Promise.all(stats)).map((each) => [...each.values()][0] ?? 0);
}

/** The change that is made while the network is away: another name for a subset. */
const subset = "meanwhile";

async function whoHasIt(mesh: LoadMesh): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, envoy] of mesh.envoys)
    if ((await envoy.admin(`/clusters?filter=${subset}`)).includes(`|${subset}|`)) found.push(name);
  return found;
}

async function run(): Promise<CutReport> {
  const { net, plane, keepaliveMs, cutMs } = order;
  const settings = keepaliveMs === undefined ? {} : { keepaliveMs };
  const mesh = await startLoadMesh({ net, plane: "process", planePlace: plane, ...settings });
  try {
    const load = startLoad({ net, factor: 0.6 });
    await sleep(500);
    const before = await deadPings(mesh);
    const logged = mesh.plane.log().length;
    const gone = () => mesh.plane.log().slice(logged).split('"proxy disconnected"').length - 1;
    const start = performance.now();
    await network("unplug");
    const [serverNoticedMs, proxiesNoticedMs] = await Promise.all([
      timeUntil(start, "the server to give up the streams", () => gone() >= mesh.envoys.size),
      timeUntil(start, "the proxies to give up their connections", async () =>
        (await deadPings(mesh)).every((count, index) => count > (before[index] ?? 0)),
      ),
    ]);
    await editPolicy(mesh, { subsets: [{ name: subset, version: "v1", weight: 100 }] });
    await sleep(Math.max(1000, cutMs - (performance.now() - start)));
    const leaked = (await whoHasIt(mesh)).length > 0;
    const healed = performance.now();
    await network("plug");
    const caughtUpMs = await timeUntil(
      healed,
      "every proxy to have the change",
      async () => (await whoHasIt(mesh)).length === mesh.envoys.size,
    );
    await mesh.settled();
    await sleep(1500);
    await load.stop();
    return {
      serverNoticedMs,
      proxiesNoticedMs,
      leaked,
      caughtUpMs,
      losses: losses(load.tallies),
      idle: idle(load.tallies),
      answered: answered(load.tallies),
      nacks: mesh.plane.nacks(),
    };
  } finally {
    await mesh.stop();
  }
}

const report = await run();
process.send?.(report, () => process.exit());
