// The control plane is killed under load and comes back: with the same policy, and with one that changed meanwhile.

import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { answered, idle, losses } from "../load/losses.ts";
import type { LoadMesh } from "../mesh/mesh.ts";
import { editPolicy } from "../policy/edit.ts";
import { configurationUpdates, startUnderLoad } from "./under-load.ts";

const net = 31;

async function killAndRestart(mesh: LoadMesh, meanwhile: () => Promise<void>): Promise<void> {
  await mesh.plane.stop("SIGKILL");
  await sleep(1000);
  await meanwhile();
  await mesh.startPlane();
  await mesh.settled();
}

const check = (t: ExecutionContext, tallies: Parameters<typeof losses>[0]) => {
  t.deepEqual(losses(tallies), []);
  t.deepEqual(idle(tallies), []);
  t.true(answered(tallies) > 500, `${answered(tallies)} answered`);
};

test.serial(
  "killed and restarted with the same policy: nothing is lost, nothing is sent again",
  async (t) => {
    const { mesh, load, finish } = await startUnderLoad(t, { net });
    const before = await configurationUpdates(mesh, "client");
    await killAndRestart(mesh, () => Promise.resolve());
    await sleep(2500);
    t.deepEqual(await configurationUpdates(mesh, "client"), before);
    await finish();
    check(t, load.tallies);
    t.deepEqual(mesh.plane.nacks(), []);
  },
);

test.serial("killed, and back with subsets renamed, a port renumbered and endpoints moved", async (t) => {
  const { mesh, load, finish } = await startUnderLoad(t, { net });
  await mesh.startRating(3);
  await killAndRestart(mesh, () =>
    editPolicy(mesh, {
      subsets: [
        { name: "new", version: "v1", weight: 70 },
        { name: "other", version: "v2", weight: 30 },
      ],
      frontPort: 12_345,
      endpoints: new Map([[3, "ready"]]),
    }),
  );
  // The old workloads end once no proxy names them: long after the new endpoints are in force.
  await sleep(2000);
  await mesh.stopRating(0);
  await mesh.stopRating(1);
  await sleep(1000);
  await finish();
  check(t, load.tallies);
  t.deepEqual(mesh.plane.nacks(), []);
  const clusters = (await mesh.envoys.get("client")?.admin("/clusters")) ?? "";
  t.regex(clusters, /outbound\|9080\|new\|reviews/);
  t.notRegex(clusters, /outbound\|9080\|v1\|reviews/, "what is gone was removed");
});

test.serial(
  "while it is away, everything goes on; a proxy that starts meanwhile gets its configuration later",
  async (t) => {
    const { mesh, load, finish } = await startUnderLoad(t, { net });
    await mesh.plane.stop("SIGKILL");
    const restarted = mesh.restartEnvoy("ingress");
    await sleep(3000);
    await mesh.startPlane();
    await restarted;
    await mesh.settled();
    await finish();
    t.deepEqual(losses(load.tallies, /sidecar|moving endpoints/), []);
  },
);
