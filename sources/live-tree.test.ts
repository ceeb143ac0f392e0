import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { FolderWatch, tellsEachStep } from "./folder-watch.ts";
import { Ledger } from "./ledger.ts";
import { LiveTree } from "./live-tree.ts";
import { toRoots } from "./roots.ts";

test("what one notification tells of a known file is that another was moved over it; of others it tells nothing", async (t) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "fairlead-tree-")));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "known.yaml"), "kind: Service\n");
  // Notifications are told by this test alone.
  const watch = new FolderWatch({ hint: () => {}, lost: () => {}, refused: () => {} });
  t.teardown(() => watch.close());
  const ledger = new Ledger();
  const tree = new LiveTree(toRoots([folder]), watch, ledger, () => 0);
  await tree.walk();
  await tree.readAll();
  ledger.commit(new Set());
  tree.settle();
  const told = (entry: string, event: "rename" | "change") => {
    tree.note(folder, entry, event);
    return tree.isMoved(folder, entry);
  };
  t.is(told("known.yaml", "rename"), tellsEachStep);
  t.false(told("known.yaml", "rename"), "removed, and created after that");
  t.false(told("new.yaml", "rename"), "created, and about to be written");
  tree.settle();
  t.is(told("known.yaml", "rename"), tellsEachStep);
  t.false(told("known.yaml", "change"), "and written to");
});
