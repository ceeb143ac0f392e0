import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import test from "ava";
import { readFolders } from "./read-folders.ts";
import { temporaryFolder } from "./watch-probe.ts";

test("reads folders, single files and standard input, sorted by name", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("dir/b.yaml", "b");
  folder.write("dir/a.json", "{}");
  folder.write("dir/readme.md", "no");
  folder.write("single.conf", "single");
  const { texts, problems } = await readFolders(
    [folder.at("single.conf"), folder.at("dir"), "-"],
    Readable.from([Buffer.from("from "), Buffer.from("stdin")]),
  );
  t.deepEqual(
    texts.map(({ name, text }) => [name, text]),
    [
      [folder.at("dir/a.json"), "{}"],
      [folder.at("dir/b.yaml"), "b"],
      [folder.at("single.conf"), "single"],
      ["<stdin>", "from stdin"],
    ],
  );
  t.deepEqual(problems, []);
});

test("a byte order mark is not part of the text", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("a.yaml", "\ufeffa: 1\n");
  const { texts } = await readFolders([folder.path]);
  t.is(texts[0]?.text, "a: 1\n");
});

test("names every path that cannot be read and goes on with the rest", async (t) => {
  const folder = temporaryFolder(t);
  folder.write("good.yaml", "good");
  folder.write("latin1.yaml", new Uint8Array([0xe4, 0x0a]));
  folder.write("utf16.yaml", new Uint8Array([0xff, 0xfe, 0x61, 0x00]));
  symlinkSync("nowhere", folder.at("dangling.yaml"));
  symlinkSync("nowhere", folder.at("no-policy"));
  const { texts, problems } = await readFolders([folder.path, folder.at("missing")]);
  t.deepEqual(
    texts.map(({ text }) => text),
    ["good"],
  );
  t.deepEqual(problems, [
    { name: folder.at("dangling.yaml"), message: "is a symlink to something that does not exist" },
    { name: folder.at("latin1.yaml"), message: "is not UTF-8" },
    { name: folder.at("missing"), message: "does not exist" },
    { name: folder.at("utf16.yaml"), message: "is UTF-16; save it as UTF-8" },
  ]);
});

test("a pipe given by name is read, one found in a folder is not waited for", async (t) => {
  const folder = temporaryFolder(t);
  const pipe = folder.at("pipe.yaml");
  execFileSync("mkfifo", [pipe]);
  t.deepEqual(await readFolders([folder.path]), { texts: [], problems: [] });
  const [{ texts }] = await Promise.all([readFolders([pipe]), writeFile(pipe, "through the pipe\n")]);
  t.deepEqual(
    texts.map(({ name, text }) => [name, text]),
    [[pipe, "through the pipe\n"]],
  );
});
