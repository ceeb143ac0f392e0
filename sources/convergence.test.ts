import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import { readFolders } from "./read-folders.ts";
import { isInside } from "./roots.ts";
import { watchFolders } from "./watch-folders.ts";
import { temporaryFolder } from "./watch-probe.ts";

// Whatever is done to a tree and however fast, the texts told add up to what a fresh reading finds, and no text is told twice in a row.
// What a symlink led to before its target vanished stays told, as a problem, and so does what a file said before it became empty.

const entry = fc.constantFrom(
  "a.yaml",
  "b.yaml",
  "d/a.yaml",
  "d/e/b.yaml",
  "f/a.yaml",
  "d",
  "d/e",
  "f",
  "link.yaml",
);
const operation = fc.record({
  what: fc.constantFrom("write", "append", "truncate", "remove", "rename", "link", "save"),
  entry,
  other: entry,
  pause: fc.constantFrom(0, 0, 0, 2, 8, 50),
});

test("any sequence of operations converges on what is there", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async (operations) => {
      const folder = temporaryFolder(t);
      const root = folder.at("root");
      mkdirSync(root);
      folder.write("root/a.yaml", "a\n");
      folder.write("root/d/a.yaml", "da\n");
      const told = new Map<string, string>();
      const stale = new Set<string>();
      let wrong: string | undefined;
      let next = Promise.withResolvers<void>();
      const source = watchFolders([root]);
      const initial = await source.start(
        ({ upserted, removed }) => {
          for (const { name, text } of upserted) {
            if (told.get(name) === text) wrong ??= `${name} was told twice`;
            told.set(name, text);
          }
          for (const name of removed) if (!told.delete(name)) wrong ??= `${name} was removed and never told`;
          next.resolve();
        },
        ({ name }) => {
          stale.add(name);
          next.resolve();
        },
        (name) => stale.delete(name),
      );
      for (const { name, text } of initial) told.set(name, text);
      for (const [index, { what, entry, other, pause }] of operations.entries()) {
        try {
          const path = folder.at(`root/${entry}`);
          if (what === "write") folder.write(`root/${entry}`, `${index}\n`.repeat(1 + (index % 3)));
          else if (what === "append") folder.write(`root/${entry}`, `${index}\n`);
          else if (what === "truncate") truncateSync(path);
          else if (what === "remove") rmSync(path, { recursive: true });
          else if (what === "rename") renameSync(path, folder.at(`root/${other}`));
          else if (what === "link") symlinkSync(folder.at(`root/${other}`), path);
          else {
            folder.write(`root/${entry}.tmp`, `saved ${index}\n`);
            renameSync(`${path}.tmp`, path);
          }
        } catch {
          // Not every operation is possible on every tree.
        }
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      }
      // The last word, so that there is one event to wait for whatever the operations came to.
      folder.write("root/last.yaml", "last\n");
      const { texts } = await readFolders([root]);
      const expected = new Map(texts.map(({ name, text }) => [name, text]));
      const deadline = setTimeout(() => next.reject(new Error("did not converge")), 5000);
      const settled = () =>
        [...expected].every(([name, text]) => told.get(name) === text || (text === "" && stale.has(name)));
      while (!settled()) {
        await next.promise;
        next = Promise.withResolvers();
      }
      clearTimeout(deadline);
      await source.close();
      if (wrong) throw new Error(wrong);
      for (const name of told.keys()) {
        const explained = expected.has(name) || [...stale].some((above) => isInside(above, name));
        if (!explained) throw new Error(`${name} is gone and was not told as removed`);
      }
    }),
    { numRuns: 60 },
  );
  t.pass();
});
