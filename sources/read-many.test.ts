import { symlinkSync } from "node:fs";
import test from "ava";
import { readElsewhere, readMany } from "./read-many.ts";
import { readText } from "./read-text.ts";
import { watchFolders } from "./watch-folders.ts";
import { temporaryFolder } from "./watch-probe.ts";

test("another thread finds in files what this one finds, in the same order", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("good.yaml", "a: 1\n");
  folder.write("empty.yaml", "");
  folder.write("latin.yaml", new Uint8Array([0x61, 0xe4, 0x0a]));
  folder.write("wide.yaml", "# Ω 🚢\n");
  folder.write("folder/in.yaml", "");
  symlinkSync("loop.yaml", folder.at("loop.yaml"));
  const names = ["good", "empty", "latin", "wide", "loop", "missing"].map((name) => `${name}.yaml`);
  const paths = [...names, "folder"].map(folder.at);
  const here = await Promise.all(paths.map(readText));
  t.deepEqual(await readElsewhere(paths), here);
  t.deepEqual(await readMany(paths), here);
});

test("what has begun to read goes on when it is started, and misses nothing between the two", async (t) => {
  const folder = temporaryFolder(t);
  const names = Array.from({ length: 1000 }, (_, index) => `${index}.yaml`);
  for (const name of names) folder.write(name, `n: ${name}\n`);
  const source = watchFolders([folder.path]);
  t.teardown(() => source.close());
  await source.begin();
  const told = new Map<string, string>();
  folder.write("500.yaml", "n: changed\n");
  folder.write("new.yaml", "n: new\n");
  const arrived = Promise.withResolvers<void>();
  const tell = (texts: readonly { readonly name: string; readonly text: string }[]) => {
    for (const { name, text } of texts) told.set(name, text);
    if (told.get(folder.at("500.yaml")) === "n: changed\n" && told.has(folder.at("new.yaml")))
      arrived.resolve();
  };
  tell(
    await source.start(
      ({ upserted }) => tell(upserted),
      ({ message }) => t.fail(message),
    ),
  );
  await arrived.promise;
  t.is(told.size, names.length + 1);
});

test("what has begun to read and is not wanted is closed like any other", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("one.yaml", "");
  const source = watchFolders([folder.path, folder.at("nowhere")]);
  await source.begin();
  await source.close();
  t.deepEqual(
    await source.start(
      () => t.fail(),
      () => t.fail(),
    ),
    [],
  );
});
