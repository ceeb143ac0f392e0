// The disks of policy and keys fill under load. A control plane that starts then serves as before, a file of which only the
// first half found room withdraws nothing, and all goes on once there is room again. Needs root, for the small disks.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { idle, losses } from "../load/losses.ts";
import type { LoadMesh } from "../mesh/mesh.ts";
import { pageLike } from "./pages.ts";
import { startUnderLoad, until } from "./under-load.ts";

const net = 38;
const title =
  "full disks: served as before, half a file withdraws nothing, and room lets changes through again";
const disks = ["policy", "state"] as const;

/** Puts a disk of one megabyte at each of these folders. The result takes them away. */
function mountDisks(folder: string): () => void {
  for (const name of disks) {
    mkdirSync(join(folder, name), { mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", join(folder, name)]);
  }
  return () => {
    for (const name of disks) execFileSync("umount", ["--lazy", join(folder, name)]);
  };
}

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can mount a disk";
  const folder = join("/tmp", `flk-probe-${process.pid}`);
  mkdirSync(folder);
  try {
    mountDisks(folder)();
    return undefined;
  } catch {
    return "disks cannot be mounted here";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const filler = ".filler";

/** Leaves not a byte on the disk of the folder. */
function fill(folder: string): void {
  const write = () => {
    for (;;) writeFileSync(join(folder, filler), Buffer.alloc(4096), { flag: "a" });
  };
  try {
    write();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

const block = 4096;
const comment = `${"# padding".padEnd(63, ".")}\n`;

/** The file `reviews.yaml` of the mesh: the rule, then comments up to the end of so many blocks, then the routes. */
function padded(mesh: LoadMesh, blocks: number, change = (text: string) => text): string {
  const [rule = "", ...routes] = change(mesh.files.get("reviews.yaml") ?? "").split("---\n");
  const head = `${rule}${comment.repeat((blocks * block - Buffer.byteLength(rule)) / comment.length)}`;
  const last = "#".repeat(blocks * block - Buffer.byteLength(head) - 1);
  return `${head}${last}\n---\n${routes.join("---\n")}`;
}

const missing = whyNot();
const run = missing === undefined ? test : test.skip;

run(missing === undefined ? title : `${title} (${missing})`, async (t) => {
  t.timeout(170_000);
  const { mesh, load, finish } = await startUnderLoad(t, { net, prepare: mountDisks });
  const stateFolder = join(mesh.folder, "state");
  const file = join(mesh.policyFolder, "reviews.yaml");
  const routesOfClient = async () =>
    (await mesh.envoys.get("client")?.admin("/config_dump?resource=dynamic_route_configs")) ?? "";
  // Three blocks with the routes in the third.
  writeFileSync(file, padded(mesh, 2));
  await sleep(500);
  await mesh.settled();

  rmSync(join(stateFolder, "trust-bundle.pem"));
  fill(stateFolder);
  fill(mesh.policyFolder);
  await mesh.plane.stop("SIGKILL");
  await mesh.startPlane();
  t.regex(mesh.plane.log(), /cannot write the roots to .*ENOSPC|ENOSPC.*cannot write the roots to/);
  await mesh.settled();

  // The new text needs four blocks, and gets the three that the old one had: it ends with a line, before the routes.
  const change = (text: string) =>
    text.replaceAll("weight: 50", "weight: 49").replace("weight: 49", "weight: 51");
  t.throws(() => writeFileSync(file, padded(mesh, 3, change)), { code: "ENOSPC" });
  t.is(statSync(file).size, 3 * block);
  t.regex(
    await pageLike(net, "/ready", /stale since/),
    /^ready\nstale since \S+ .*reviews\.yaml is cut short, as it seems, and its disk is full/,
  );
  await sleep(1000);
  t.regex(await routesOfClient(), /"weight": 50/, "its routes are still in force");

  rmSync(join(mesh.policyFolder, filler));
  writeFileSync(file, padded(mesh, 3, change));
  await until("the change", async () => /"weight": 51/.test(await routesOfClient()));
  t.is(await pageLike(net, "/ready", /^ready\n$/), "ready\n");
  await mesh.settled();
  await sleep(500);
  await finish();
  t.deepEqual(losses(load.tallies), []);
  t.deepEqual(idle(load.tallies), []);
  t.deepEqual(mesh.plane.nacks(), []);
});
