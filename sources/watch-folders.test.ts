import { hash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { tellsEachStep } from "./folder-watch.ts";
import { ceiling, doubts, shortestQuiet } from "./settling.ts";
import { watchFolders } from "./watch-folders.ts";
import { type Folder, temporaryFolder, watchInTest } from "./watch-probe.ts";

test("start reads policy files, recursively, sorted, and skips what is hidden or foreign", async (t) => {
  const folder = temporaryFolder(t);
  for (const entry of ["z.yaml", "a/b.yml", "a/c/d.json"]) folder.write(entry, `# ${entry}`);
  for (const entry of [".hidden.yaml", ".git/x.yaml", "node_modules/y.yaml", "notes.txt"])
    folder.write(entry, "no");
  const { initial } = await watchInTest(t, [folder.path]);
  t.deepEqual(
    initial.map(({ name, text }) => [name, text]),
    ["a/b.yml", "a/c/d.json", "z.yaml"].map((entry) => [folder.at(entry), `# ${entry}`]),
  );
});

test("names are relative to the current directory for roots given so", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "a");
  const given = relative(process.cwd(), folder.path);
  const { initial } = await watchInTest(t, [given, folder.path]);
  t.deepEqual(
    initial.map(({ name }) => name),
    [`${given}/a.yaml`],
  );
});

test("a file written in place is one change with its text, hash and time", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  const before = Date.now();
  folder.write("a.yaml", "second\n");
  const change = await probe.rawChange();
  const sha256 = hash("sha256", "second\n", "hex");
  t.deepEqual(change.upserted, [{ name: folder.at("a.yaml"), text: "second\n", hash: sha256 }]);
  t.true(change.readAt >= before - 1 && change.readAt <= Date.now() + 1);
});

test("an editor's save by temporary file and rename is one change", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  folder.write(".a.yaml.swp", "draft");
  folder.write("a.yaml~", "two\n");
  renameSync(folder.at("a.yaml~"), folder.at("a.yaml"));
  t.deepEqual(await probe.change(), { upserted: { [folder.at("a.yaml")]: "two\n" }, removed: [] });
  folder.write("a.yaml", "three\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("a.yaml")]: "three\n" }, removed: [] });
});

test("a file that is moved over another is told sooner than one that is written where it is", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  const waits: { moved: number[]; written: number[] } = { moved: [], written: [] };
  for (let round = 0; round < 20; round += 1) {
    const text = `round ${round}\n`.padStart(20 + round);
    if (round % 2 === 0) folder.write("a.yaml", text);
    else {
      folder.write(".a.yaml", text);
      renameSync(folder.at(".a.yaml"), folder.at("a.yaml"));
    }
    const { readAt, noticedAt } = await probe.rawChange();
    waits[round % 2 === 0 ? "written" : "moved"].push(readAt - noticedAt);
    await sleep(20);
  }
  // The quickest of each: how busy the machine is says nothing of that.
  t.true(Math.min(...waits.written) >= shortestQuiet, `${waits.written}`);
  t.true(tellsEachStep ? Math.min(...waits.moved) < shortestQuiet : true, `${waits.moved}`);
});

test("a shorter file moved over another at once is told without waiting", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n".repeat(20));
  const probe = await watchInTest(t, [folder.path]);
  const told: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const text = `${"one\n".repeat(10 - round)}${round}\n`;
    const at = performance.now();
    folder.write("a.yaml~", text);
    renameSync(folder.at("a.yaml~"), folder.at("a.yaml"));
    t.deepEqual(await probe.change(), { upserted: { [folder.at("a.yaml")]: text }, removed: [] });
    told.push(performance.now() - at);
  }
  told.sort((a, b) => a - b);
  t.log(`told after ${told.map((ms) => ms.toFixed(1)).join(", ")} ms`);
  // The median, because another process may have the processor.
  t.true((told[5] ?? Number.NaN) < doubts.cut / 2);
});

for (const { title, replace } of [
  {
    title: "removed and created anew",
    replace: ({ at }: Folder) => unlinkSync(at("sub/a.yaml")),
  },
  {
    title: "moved away and created anew",
    replace: ({ at }: Folder) => renameSync(at("sub/a.yaml"), at("sub/a.yaml~")),
  },
  {
    title: "removed and created anew with its folder",
    replace: ({ at }: Folder) => rmSync(at("sub"), { recursive: true }),
  },
  {
    title: "replaced by a move and then written in place",
    replace: ({ at, write }: Folder) => {
      write("sub/a.yaml~", "ONE\n");
      renameSync(at("sub/a.yaml~"), at("sub/a.yaml"));
    },
  },
]) {
  test(`a file ${title}, in two parts, is told once and whole`, async (t) => {
    const folder = temporaryFolder(t);
    folder.write("sub/a.yaml", "one\ntwo\nthree\nfour\n");
    // A second name, so that the inode stays in use: the new file is to be another one by its number too.
    linkSync(folder.at("sub/a.yaml"), folder.at("kept"));
    const probe = await watchInTest(t, [folder.path]);
    replace(folder);
    folder.write("sub/a.yaml", "TWO\n");
    await eventLoopTurnsFor(100);
    appendFileSync(folder.at("sub/a.yaml"), "THREE\n");
    t.deepEqual(await probe.change(), {
      upserted: { [folder.at("sub/a.yaml")]: "TWO\nTHREE\n" },
      removed: [],
    });
    t.is(probe.unread(), 0);
  });
}

test("a file truncated and then written is never told as empty or half", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\ntwo\nthree\n");
  folder.write("b.yaml", "b\n");
  const probe = await watchInTest(t, [folder.path]);
  const other = probe.change();
  truncateSync(folder.at("a.yaml"));
  // The write of the rest waits, through the source's own reading, for longer than the quiet period.
  await eventLoopTurnsFor(30);
  appendFileSync(folder.at("a.yaml"), "one\nt");
  await eventLoopTurnsFor(12);
  appendFileSync(folder.at("a.yaml"), "wo\n");
  t.deepEqual(await other, { upserted: { [folder.at("a.yaml")]: "one\ntwo\n" }, removed: [] });
});

test("a file left empty withdraws nothing, and is a problem until it is written again", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  truncateSync(folder.at("a.yaml"));
  const problem = await probe.problem();
  t.is(problem.name, folder.at("a.yaml"));
  t.regex(problem.message, /^is empty: /);
  folder.write("a.yaml", "one\n");
  t.is(await probe.recovered(), folder.at("a.yaml"));
  folder.write("a.yaml", "two\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("a.yaml")]: "two\n" }, removed: [] });
});

test("a file deleted and created again is one upsert", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  unlinkSync(folder.at("a.yaml"));
  await eventLoopTurnsFor(15);
  folder.write("a.yaml", "two\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("a.yaml")]: "two\n" }, removed: [] });
});

test("a deleted file is removed, and a moved one is removed and upserted in the same change", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "a\n");
  folder.write("b.yaml", "b\n");
  mkdirSync(folder.at("sub"));
  const probe = await watchInTest(t, [folder.path]);
  unlinkSync(folder.at("a.yaml"));
  t.deepEqual(await probe.change(), { upserted: {}, removed: [folder.at("a.yaml")] });
  renameSync(folder.at("b.yaml"), folder.at("sub/c.yaml"));
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("sub/c.yaml")]: "b\n" },
    removed: [folder.at("b.yaml")],
  });
});

test("a folder created, renamed and deleted takes its files along", async (t) => {
  const folder = temporaryFolder(t);
  const probe = await watchInTest(t, [folder.path]);
  folder.write("one/deep/a.yaml", "a\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("one/deep/a.yaml")]: "a\n" }, removed: [] });
  renameSync(folder.at("one"), folder.at("two"));
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("two/deep/a.yaml")]: "a\n" },
    removed: [folder.at("one/deep/a.yaml")],
  });
  folder.write("two/deep/a.yaml", "still watched\n");
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("two/deep/a.yaml")]: "still watched\n" },
    removed: [],
  });
  rmSync(folder.at("two"), { recursive: true });
  t.deepEqual(await probe.change(), { upserted: {}, removed: [folder.at("two/deep/a.yaml")] });
});

test("a folder deleted and created again at once is still watched", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("sub/a.yaml", "a\n");
  const probe = await watchInTest(t, [folder.path]);
  rmSync(folder.at("sub"), { recursive: true });
  folder.write("sub/a.yaml", "again\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("sub/a.yaml")]: "again\n" }, removed: [] });
  folder.write("sub/a.yaml", "once more\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("sub/a.yaml")]: "once more\n" }, removed: [] });
});

test("the same content written again is no change", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  folder.write("b.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  folder.write("a.yaml", "one\n");
  await eventLoopTurnsFor(40);
  folder.write("b.yaml", "second\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("b.yaml")]: "second\n" }, removed: [] });
});

test("nothing is withdrawn while a root is missing; it is a problem until it returns", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("root/a.yaml", "a\n");
  folder.write("root/b.yaml", "b\n");
  const root = folder.at("root");
  const probe = await watchInTest(t, [root]);
  rmSync(root, { recursive: true });
  t.deepEqual(await probe.problem(), { name: root, message: "does not exist" });
  folder.write("root/a.yaml", "a\n");
  folder.write("root/b.yaml", "changed\n");
  t.is(await probe.recovered(), root);
  t.deepEqual(await probe.change(), { upserted: { [folder.at("root/b.yaml")]: "changed\n" }, removed: [] });
  t.is(probe.unread(), 0);
});

test("a root that is missing at the start, several folders deep, is awaited", async (t) => {
  const folder = temporaryFolder(t);
  const root = folder.at("not/yet/there");
  const probe = await watchInTest(t, [root]);
  t.deepEqual(probe.initial, []);
  t.deepEqual(await probe.problem(), { name: root, message: "does not exist" });
  folder.write("not/yet/there/a.yaml", "a\n");
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("not/yet/there/a.yaml")]: "a\n" },
    removed: [],
  });
  t.is(await probe.recovered(), root);
});

test("all files deleted inside a root that stays are removed", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "a\n");
  folder.write("b.yaml", "b\n");
  const probe = await watchInTest(t, [folder.path]);
  unlinkSync(folder.at("a.yaml"));
  unlinkSync(folder.at("b.yaml"));
  t.deepEqual(await probe.change(), { upserted: {}, removed: [folder.at("a.yaml"), folder.at("b.yaml")] });
});

test("a file given by name is read whatever it is called, and its text stays when it goes", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("mesh.conf", "one\n");
  folder.write("other.yaml", "not ours\n");
  const file = folder.at("mesh.conf");
  const probe = await watchInTest(t, [file]);
  t.deepEqual(
    probe.initial.map(({ name }) => name),
    [file],
  );
  folder.write("mesh.conf", "second\n");
  t.deepEqual(await probe.change(), { upserted: { [file]: "second\n" }, removed: [] });
  unlinkSync(file);
  t.deepEqual(await probe.problem(), { name: file, message: "does not exist" });
  folder.write("mesh.conf", "third\n");
  t.deepEqual(await probe.change(), { upserted: { [file]: "third\n" }, removed: [] });
  t.is(await probe.recovered(), file);
});

test("a file that is not UTF-8, too long or unreadable is named and keeps its last text; the rest goes on", async (t) => {
  const folder = temporaryFolder(t);
  const file = folder.at("a.yaml");
  folder.write("a.yaml", "one\n");
  folder.write("b.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  folder.write("a.yaml", new Uint8Array([0x61, 0xff, 0xfe, 0x0a]));
  folder.write("b.yaml", "second\n");
  t.deepEqual(await probe.problem(), { name: file, message: "is not UTF-8" });
  t.deepEqual(await probe.change(), { upserted: { [folder.at("b.yaml")]: "second\n" }, removed: [] });
  truncateSync(file, 10 * 1024 * 1024 + 1);
  t.deepEqual(await probe.problem(), { name: file, message: "is 10.0 MiB long; the limit is 10 MiB" });
  folder.write("a.yaml", "one\n");
  t.is(await probe.recovered(), file);
  t.is(probe.unread(), 0);
  if (process.getuid?.() !== 0) {
    chmodSync(file, 0o000);
    t.deepEqual(await probe.problem(), { name: file, message: "permission denied" });
    chmodSync(file, 0o644);
    t.is(await probe.recovered(), file);
  }
});

test("many files at once are one change, and one afterwards is told in under 50 ms", async (t) => {
  const folder = temporaryFolder(t);
  const entries = Array.from({ length: 10_000 }, (_, index) => `d${index % 100}/f${index}.yaml`);
  for (const entry of entries) folder.write(entry, "one\n");
  const began = performance.now();
  const probe = await watchInTest(t, [folder.path]);
  const startMs = performance.now() - began;
  t.is(probe.initial.length, entries.length);
  for (const entry of entries) writeFileSync(folder.at(entry), "second\n");
  t.is((await probe.rawChange()).upserted.length, entries.length);
  t.is(probe.unread(), 0);
  const told: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const at = performance.now();
    folder.write("d3/f3.yaml", `again ${round}\n`);
    await probe.change();
    told.push(performance.now() - at);
  }
  told.sort((a, b) => a - b);
  t.log(`start ${startMs.toFixed(0)} ms; one change ${told.map((ms) => ms.toFixed(1)).join(", ")} ms`);
  // The median, because another process may have the processor.
  t.true((told[2] ?? Number.NaN) < 50);
});

test("what no notification told is found by the poll", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("outside/a.yaml", "one\n");
  const probe = await watchInTest(t, [folder.at("outside")], { pollInterval: 50 });
  // Written through a second name of the same file: its folder is not watched.
  linkSync(folder.at("outside/a.yaml"), folder.at("elsewhere"));
  writeFileSync(folder.at("elsewhere"), "second\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("outside/a.yaml")]: "second\n" }, removed: [] });
});

test("a file that never rests holds up the others until the ceiling at most", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  folder.write("restless.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  const began = performance.now();
  const writer = setInterval(() => folder.write("restless.yaml", `${performance.now()}\n`), 2);
  t.teardown(() => clearInterval(writer));
  folder.write("a.yaml", "second\n");
  const { upserted } = await probe.change();
  t.is(upserted[folder.at("a.yaml")], "second\n");
  t.true(performance.now() - began >= ceiling - 100);
});

test("nothing is told after close", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "one\n");
  const closed = watchFolders([folder.path]);
  await closed.start(
    () => t.fail("told after close"),
    () => t.fail("told after close"),
  );
  const open = await watchInTest(t, [folder.path]);
  folder.write("a.yaml", "second\n");
  await closed.close();
  await open.change();
  t.pass();
});

/** Lets the source work for `ms`: these tests are about what happens within its waiting times, so they must let a part of them pass. */
async function eventLoopTurnsFor(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 1));
}
