// The policy folder disappears under load and returns: nothing is withdrawn, it is said, and changes go on afterwards.

import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { idle, losses } from "../load/losses.ts";
import { editPolicy } from "../policy/edit.ts";
import { pageLike, readPage } from "./pages.ts";
import { startUnderLoad } from "./under-load.ts";

const net = 34;

test("a policy folder that disappears withdraws nothing, and its changes count again when it is back", async (t) => {
  t.timeout(170_000);
  const { mesh, load, finish } = await startUnderLoad(t, { net });
  const aside = `${mesh.policyFolder}-aside`;
  await rename(mesh.policyFolder, aside);
  t.regex(await pageLike(net, "/ready", /stale since/), /^ready\nstale since .*policy does not exist/);
  t.regex(await readPage(net, "/metrics"), /^fairlead_stale_sources 1$/m);
  await sleep(2000);
  await rename(aside, mesh.policyFolder);
  t.is(await pageLike(net, "/ready", /^ready\n$/), "ready\n");
  t.regex(await readPage(net, "/metrics"), /^fairlead_stale_sources 0$/m);
  await editPolicy(mesh, { subsets: [{ name: "after", version: "v1", weight: 100 }] });
  await sleep(500);
  await mesh.settled();
  t.regex((await mesh.envoys.get("client")?.admin("/clusters")) ?? "", /outbound\|9080\|after\|reviews/);
  await finish();
  t.deepEqual(losses(load.tallies), []);
  t.deepEqual(idle(load.tallies), []);
});
