import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { endLeftovers, ProcessGroup, takeOwnership } from "./index.ts";

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-processes-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

// The folder is in an argument, as it is of every process of a demo.
const waiting = (folder: string): [string, string[]] => ["tail", ["-f", "/dev/null", `${folder}/config`]];

const runs = (pid: number | undefined) => existsSync(`/proc/${pid}`);

async function ends(t: ExecutionContext, pid: number): Promise<void> {
  for (let waited = 0; waited < 3000 && runs(pid); waited += 20) await sleep(20);
  t.false(runs(pid));
}

test("stop ends what was started and takes the pid files away", async (t) => {
  const folder = await newFolder(t);
  const group = new ProcessGroup(folder, ({ name }) => t.fail(`${name} ended unexpectedly`));
  const { child } = group.start("one", ...waiting(folder));
  t.true(runs(child.pid));
  t.is(await readFile(join(folder, "one.pid"), "utf8"), `${child.pid}\n`);
  await group.stop();
  t.false(runs(child.pid));
  t.deepEqual(await readdir(folder), ["one.log"]);
  await sleep(400);
});

test("a process that ends by itself is reported with its log", async (t) => {
  const folder = await newFolder(t);
  const report = new Promise((resolve) => {
    const group = new ProcessGroup(folder, resolve);
    group.start("two", "/bin/sh", ["-c", "exit 3", "sh", `${folder}/config`]);
    t.teardown(() => group.stop());
  });
  t.deepEqual(await report, { name: "two", how: "exit code 3", logFile: join(folder, "two.log") });
});

test("leftovers are ended, and processes of others that got their numbers are not", async (t) => {
  const folder = await newFolder(t);
  const [command, args] = waiting(folder);
  const ours = spawn(command, args);
  const other = spawn("tail", ["-f", "/dev/null"]);
  t.teardown(() => other.kill("SIGKILL"));
  await Promise.all([once(ours, "spawn"), once(other, "spawn")]);
  await writeFile(join(folder, "ours.pid"), `${ours.pid}\n`);
  await writeFile(join(folder, "other.pid"), `${other.pid}\n`);
  await writeFile(join(folder, "gone.pid"), "4194304\n");
  t.deepEqual(await endLeftovers(folder), ["ours"]);
  await ends(t, ours.pid ?? 0);
  t.true(runs(other.pid));
  t.deepEqual(await readdir(folder), []);
});

test("when the owner is killed, what it started is ended", async (t) => {
  const folder = await newFolder(t);
  const [command, args] = waiting(folder);
  const owner = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `import { ProcessGroup } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
     new ProcessGroup(${JSON.stringify(folder)}, () => {}).start("three", ${JSON.stringify(command)}, ${JSON.stringify(args)});
     console.log("started");
     setInterval(() => {}, 1000);`,
  ]);
  await once(owner.stdout, "data");
  const pid = Number(await readFile(join(folder, "three.pid"), "utf8"));
  t.true(runs(pid));
  owner.kill("SIGKILL");
  await ends(t, pid);
});

test("a folder has one owner at a time; one that is gone does not count", async (t) => {
  const folder = await newFolder(t);
  t.deepEqual(await takeOwnership(folder), {});
  t.deepEqual(await takeOwnership(folder), {}, "the same process may come again");
  const other = spawn("tail", ["-f", "/dev/null"]);
  await once(other, "spawn");
  const stat = await readFile(`/proc/${other.pid}/stat`, "utf8");
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  await writeFile(join(folder, "owner.json"), JSON.stringify({ pid: other.pid, started }));
  t.deepEqual(await takeOwnership(folder), { takenBy: other.pid });
  await writeFile(join(folder, "owner.json"), JSON.stringify({ pid: other.pid, started: "1" }));
  t.deepEqual(await takeOwnership(folder), {}, "a later process of the same number");
  other.kill("SIGKILL");
});
