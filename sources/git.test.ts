import { execFileSync } from "node:child_process";
import { unlinkSync, utimesSync } from "node:fs";
import test from "ava";
import { temporaryFolder, watchInTest } from "./watch-probe.ts";

test("a git checkout of many files is one change, however it pauses", async (t) => {
  const folder = temporaryFolder(t);
  const git = (...args: string[]) =>
    execFileSync(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", ...args],
      {
        cwd: folder.path,
        stdio: "pipe",
      },
    );
  const count = 1000;
  const write = (text: string) => {
    for (let index = 0; index < count; index += 1)
      folder.write(`policies/${index}.yaml`, `${text} ${index}\n`);
  };
  git("init", "-q", "-b", "first");
  write("one");
  folder.write("policies/only-first.yaml", "first\n");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  git("checkout", "-q", "-b", "second");
  write("second");
  git("rm", "-q", "policies/only-first.yaml");
  git("commit", "-q", "-a", "-m", "second");
  const probe = await watchInTest(t, [folder.at("policies")]);
  git("checkout", "-q", "first");
  const change = await probe.change();
  t.is(Object.keys(change.upserted).length, count + 1);
  git("checkout", "-q", "second");
  const back = await probe.change();
  t.is(Object.keys(back.upserted).length, count);
  t.deepEqual(back.removed, [folder.at("policies/only-first.yaml")]);
  t.is(probe.unread(), 0);
});

test("while git holds its lock nothing is told; a lock left behind is ignored", async (t) => {
  const folder = temporaryFolder(t);
  folder.write(".git/HEAD", "");
  folder.write("a.yaml", "one\n");
  folder.write("b.yaml", "one\n");
  const probe = await watchInTest(t, [folder.path]);
  const unlocked = await watchInTest(t, [folder.at("a.yaml")]);
  t.is(unlocked.initial.length, 1);
  folder.write(".git/index.lock", "");
  folder.write("a.yaml", "second\n");
  // Far longer than the quiet period of one file.
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.is(probe.unread(), 0);
  folder.write("b.yaml", "second\n");
  unlinkSync(folder.at(".git/index.lock"));
  t.deepEqual(Object.keys((await probe.change()).upserted), [folder.at("a.yaml"), folder.at("b.yaml")]);

  folder.write(".git/index.lock", "");
  utimesSync(folder.at(".git/index.lock"), 1, 1);
  folder.write("a.yaml", "third\n");
  t.deepEqual(Object.keys((await probe.change()).upserted), [folder.at("a.yaml")]);
});
