import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { runFairlead, startFairlead } from "./testing/process.ts";
import { folderWith, reviews } from "./testing/terminal.ts";

test.serial("each command ends the process with its code, data on stdout, messages on stderr", async (t) => {
  const folder = folderWith(t, { ...reviews, "bad.yaml": "a: [" });
  const good = join(folder, "mesh");
  const cases: readonly (readonly [readonly string[], number, RegExp, RegExp])[] = [
    [["validate", good], 0, /^$/, /^no problems in 2 files/],
    [["validate", folder], 1, /^error\[yaml-syntax\]/, /^1 error in 4 files/],
    [["validate", "nowhere"], 2, /^$/, /^error: nowhere does not exist/],
    [["compile", folder, "--type", "clusters"], 1, /^# sidecar reviews-v1/, /^error\[yaml-syntax\]/],
    [["diff", good, good], 0, /^$/, /no difference/],
    [["diff", good, folder], 1, /^2 proxies/, /in the new files:/],
    [["diff", good], 2, /^$/, /two folders are needed/],
    [["envoy", "--path"], 0, /envoy\n$/, /because/],
    [["envoy", "--", "--version"], 0, /version: /, /^$/],
    [["envoy", "--", "--no-such-flag"], 1, /^$/, /no-such-flag/],
    [["envoy"], 2, /^$/, /nothing to do/],
    [["version"], 0, /^fairlead /, /^$/],
    [["bootstrap"], 2, /^$/, /required option/],
    [["serve"], 2, /^$/, /missing required argument 'dir'/],
  ];
  for (const [argv, code, out, err] of cases) {
    const ended = await runFairlead(t, argv, { cwd: folder });
    const label = argv.join(" ");
    t.is(ended.code, code, `${label}: ${ended.err}`);
    t.regex(ended.out, out, label);
    t.regex(ended.err, err, label);
  }
});

test.serial("colours only where they are wanted", async (t) => {
  const folder = folderWith(t, { "bad.yaml": "a: [" });
  const plain = await runFairlead(t, ["validate", folder]);
  t.false(plain.out.includes("\u001b["));
  const forced = await runFairlead(t, ["validate", folder], { env: { FORCE_COLOR: "1" } });
  t.true(forced.out.includes("\u001b["));
});

test("declaring the commands loads nothing that takes time", (t) => {
  // The compiler and the server take the better part of a second to load: `fairlead --help` must not.
  const files = [
    "run.ts",
    "command.ts",
    ...readdirSync(join(import.meta.dirname, "commands")).map((name) => `commands/${name}`),
  ];
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), "utf8");
    t.notRegex(text, /^import (?!type)[^;]*"#/m, file);
    t.notRegex(text, /^import (?!type)[^;]*"(?:\.\.?\/)+\w+\/index\.ts"/m, file);
  }
});

test.serial("a reader that stops reading is no error", async (t) => {
  const folder = folderWith(t, reviews);
  const child = startFairlead(t, ["compile", folder]);
  child.process.stdout?.destroy();
  t.is(await child.ended, 0);
  t.is(child.err(), "");
});
