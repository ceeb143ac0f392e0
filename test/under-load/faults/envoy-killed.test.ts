// An Envoy is killed under load and started again: who does not depend on it notices nothing, and it comes back complete.

import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { idle, losses } from "../load/losses.ts";
import { startLoad } from "../load/start-load.ts";
import { readSyncStatus } from "../mesh/plane.ts";
import { startUnderLoad } from "./under-load.ts";

const net = 32;

test("the gateway's Envoy is killed and restarted", async (t) => {
  const { mesh, load, finish } = await startUnderLoad(t, { net });
  const gateway = mesh.envoys.get("ingress");
  process.kill(gateway?.pid ?? 0, "SIGKILL");
  await sleep(1000);
  t.false(
    (await readSyncStatus(net)).some(({ proxy }) => proxy.includes("ingress")),
    "its stream is gone",
  );
  await mesh.restartEnvoy("ingress");
  await mesh.settled();
  const again = startLoad({ net, factor: 0.3 });
  await sleep(2000);
  await Promise.all([again.stop(), finish()]);
  t.deepEqual(losses(load.tallies, /sidecar|moving endpoints/), []);
  t.true(losses(load.tallies, /gateway/).length > 0, "the load did go through what was killed");
  t.deepEqual(losses(again.tallies), [], "complete as soon as it says that it is ready");
  t.deepEqual(idle(again.tallies), []);
});
