// The network between the proxies and their control plane is away for a while, and nobody is told: no connection is closed,
// nothing arrives. Both sides find out by their pings, the traffic goes on, and what changed meanwhile arrives afterwards.
// FAIRLEAD_CUT_SECONDS=60 cuts for a minute, with pings as shipped.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import test from "ava";
import { Network, whatIsMissing } from "../../transparent/namespaces.ts";
import type { CutOrder, CutReport, NetworkOrder } from "./cut-orders.ts";

const missing = whatIsMissing(["ip"]);
const title = "a network that is cut is noticed on both sides, and nothing is lost";
const seconds = Number(process.env.FAIRLEAD_CUT_SECONDS ?? 0);
const places = [
  { name: "mesh", address: "10.78.0.2" },
  { name: "plane", address: "10.78.0.3" },
] as const;
const program = fileURLToPath(new URL("./cut-mesh.ts", import.meta.url));

/** Starts the mesh in its namespace, does to the network what it asks for, and resolves with its report. */
async function runInside(network: Network, order: CutOrder): Promise<CutReport> {
  const inside = ["netns", "exec", network.nameOf("mesh"), process.execPath, program, JSON.stringify(order)];
  const child = spawn("ip", inside, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const killWithUs = () => child.kill();
  process.once("exit", killWithUs);
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let report: CutReport | undefined;
  child.on("message", (message: NetworkOrder | CutReport) => {
    if (typeof message === "object") report = message;
    else {
      network[message]("plane");
      child.send(message);
    }
  });
  await once(child, "close");
  process.off("exit", killWithUs);
  if (!report) throw new Error(`the mesh ended without a report:\n${errors}`);
  return report;
}

if (missing !== undefined) test.skip(`${title} (${missing})`, () => undefined);
else {
  test(title, async (t) => {
    t.timeout(600_000);
    const network = new Network({});
    network.open(places);
    t.teardown(network.close);
    const pings = seconds > 0 ? {} : { keepaliveMs: 2000 };
    const plane = { namespace: network.nameOf("plane"), host: places[1].address };
    const report = await runInside(network, { net: 36, plane, cutMs: seconds * 1000, ...pings });
    const { serverNoticedMs, proxiesNoticedMs, caughtUpMs, answered } = report;
    t.log(
      `noticed by the server after ${serverNoticedMs} ms, by the last proxy after ${proxiesNoticedMs} ms; ` +
        `up to date ${caughtUpMs} ms after the network's return; ${answered} requests answered`,
    );
    t.false(report.leaked, "the network was away");
    t.deepEqual(report.losses, []);
    t.deepEqual(report.idle, []);
    t.deepEqual(report.nacks, []);
  });
}
