import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import test from "ava";
import { type Folder, temporaryFolder, watchInTest } from "./watch-probe.ts";

/** Updates a ConfigMap volume in the order of the kubelet: new folder, links for new keys, swap of `..data`, links of lost keys, old folder. */
function updateConfigMap(
  folder: Folder,
  version: string,
  keys: Readonly<Record<string, string>>,
  previous?: { readonly version: string; readonly keys: readonly string[] },
): void {
  for (const [key, text] of Object.entries(keys)) folder.write(`mount/..${version}/${key}`, text);
  const before = previous?.keys ?? [];
  for (const key of Object.keys(keys)) {
    if (!before.includes(key)) symlinkSync(`..data/${key}`, folder.at(`mount/${key}`));
  }
  symlinkSync(`..${version}`, folder.at("mount/..data_tmp"));
  renameSync(folder.at("mount/..data_tmp"), folder.at("mount/..data"));
  for (const key of before) if (!(key in keys)) unlinkSync(folder.at(`mount/${key}`));
  if (previous) rmSync(folder.at(`mount/..${previous.version}`), { recursive: true });
}

test("the swap of a ConfigMap mount is one change under the visible names", async (t) => {
  const folder = temporaryFolder(t);
  updateConfigMap(folder, "2026_1", { "a.yaml": "a1\n", "b.yaml": "b1\n", "same.yaml": "same\n" });
  const probe = await watchInTest(t, [folder.at("mount")]);
  t.deepEqual(
    probe.initial.map(({ name }) => name),
    ["a.yaml", "b.yaml", "same.yaml"].map((key) => folder.at(`mount/${key}`)),
  );
  updateConfigMap(
    folder,
    "2026_2",
    { "a.yaml": "a2\n", "c.yaml": "c2\n", "same.yaml": "same\n" },
    { version: "2026_1", keys: ["a.yaml", "b.yaml", "same.yaml"] },
  );
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("mount/a.yaml")]: "a2\n", [folder.at("mount/c.yaml")]: "c2\n" },
    removed: [folder.at("mount/b.yaml")],
  });
  updateConfigMap(
    folder,
    "2026_3",
    { "a.yaml": "a3\n", "c.yaml": "c2\n", "same.yaml": "same\n" },
    { version: "2026_2", keys: ["a.yaml", "c.yaml", "same.yaml"] },
  );
  t.deepEqual(await probe.change(), { upserted: { [folder.at("mount/a.yaml")]: "a3\n" }, removed: [] });
});

test("a mount that is linked from elsewhere is followed through every link on the way", async (t) => {
  const folder = temporaryFolder(t);
  updateConfigMap(folder, "1", { "a.yaml": "a1\n" });
  mkdirSync(folder.at("policies"));
  symlinkSync("../mount/a.yaml", folder.at("policies/linked.yaml"));
  const probe = await watchInTest(t, [folder.at("policies")]);
  updateConfigMap(folder, "2", { "a.yaml": "a2\n" }, { version: "1", keys: ["a.yaml"] });
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("policies/linked.yaml")]: "a2\n" },
    removed: [],
  });
});

test("a symlink that appears before its target is read when the target does", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(folder.at("policies"));
  const probe = await watchInTest(t, [folder.at("policies")]);
  symlinkSync("../later/a.yaml", folder.at("policies/a.yaml"));
  t.deepEqual(await probe.problem(), {
    name: folder.at("policies/a.yaml"),
    message: "is a symlink to something that does not exist",
  });
  folder.write("later/a.yaml", "a\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("policies/a.yaml")]: "a\n" }, removed: [] });
  t.is(await probe.recovered(), folder.at("policies/a.yaml"));
});

test("the text behind a symlink stays when its target vanishes, and goes with the symlink", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("target.yaml", "a\n");
  mkdirSync(folder.at("policies"));
  symlinkSync("../target.yaml", folder.at("policies/a.yaml"));
  const probe = await watchInTest(t, [folder.at("policies")]);
  unlinkSync(folder.at("target.yaml"));
  t.is((await probe.problem()).name, folder.at("policies/a.yaml"));
  t.is(probe.unread(), 0);
  unlinkSync(folder.at("policies/a.yaml"));
  t.deepEqual(await probe.change(), { upserted: {}, removed: [folder.at("policies/a.yaml")] });
});

test("a root that is a symlink follows its swap to another release", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("releases/1/a.yaml", "a1\n");
  folder.write("releases/2/a.yaml", "a2\n");
  folder.write("releases/2/b.yaml", "b2\n");
  symlinkSync("releases/1", folder.at("current"));
  const probe = await watchInTest(t, [folder.at("current")]);
  symlinkSync("releases/2", folder.at("current.next"));
  renameSync(folder.at("current.next"), folder.at("current"));
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("current/a.yaml")]: "a2\n", [folder.at("current/b.yaml")]: "b2\n" },
    removed: [],
  });
  folder.write("releases/2/a.yaml", "a2 edited\n");
  t.deepEqual(await probe.change(), {
    upserted: { [folder.at("current/a.yaml")]: "a2 edited\n" },
    removed: [],
  });
});

test("symlinks that lead back up end, and each folder is read once", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "a\n");
  folder.write("sub/b.yaml", "b\n");
  symlinkSync("..", folder.at("sub/up"));
  symlinkSync("self.yaml", folder.at("self.yaml"));
  const probe = await watchInTest(t, [folder.path, folder.at("sub")]);
  t.deepEqual(
    probe.initial.map(({ name }) => name),
    [folder.at("a.yaml"), folder.at("sub/b.yaml")],
  );
  t.deepEqual(await probe.problem(), {
    name: folder.at("self.yaml"),
    message: "is a symlink that leads back to itself",
  });
});

test("a symlink to a folder beside it does not rename what is in the folder", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("v1/a.yaml", "a\n");
  const probe = await watchInTest(t, [folder.path]);
  symlinkSync("v1", folder.at("current"));
  folder.write("v1/b.yaml", "b\n");
  t.deepEqual(await probe.change(), { upserted: { [folder.at("v1/b.yaml")]: "b\n" }, removed: [] });
});
