// docs/promises.md names commands: the tests and benchmarks that they run exist, and so does every page that it links to.

import { existsSync, globSync, readFileSync } from "node:fs";
import test from "ava";

const root = new URL("../", import.meta.url);
const text = readFileSync(new URL("docs/promises.md", root), "utf8");
const commands = [...text.matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command);

test("every promise has a command", (t) => {
  const rows = text.split("\n").filter((line) => /^\| (?!---|promise|figure)/.test(line));
  t.true(rows.length > 30);
  for (const row of rows) t.regex(row, /`(npx ava|node setup|npm run) |`--cpu-prof/);
});

test("every file that a command runs exists", (t) => {
  const files = commands.flatMap((each) => each.match(/[\w./*-]+\.ts\b/g) ?? []);
  t.true(files.length > 30);
  for (const file of new Set(files)) t.true(globSync(file, { cwd: root }).length > 0, file);
});

test("every benchmark that a command runs exists, and every one that there is is named", (t) => {
  const source = readFileSync(new URL("bench/main.ts", root), "utf8");
  const there = globSync("bench/*/index.ts", { cwd: root })
    .map((file) => readFileSync(new URL(file, root), "utf8"))
    .flatMap((each) => [...each.matchAll(/^ {2}number: (\d+),$/gm)].map(([, number]) => Number(number)));
  const named = commands.flatMap((each) => /--only ([\d,]+)/.exec(each)?.[1]?.split(",") ?? []).map(Number);
  t.deepEqual(
    [...new Set(named)].sort((a, b) => a - b),
    there.sort((a, b) => a - b),
  );
  const options = commands.flatMap((each) => each.match(/(?<=bench -- .*)--[a-z-]+/g) ?? []);
  for (const option of new Set(options)) t.true(source.includes(option), option);
});

test("every page that it links to exists, with the heading", (t) => {
  for (const [, page = "", heading] of text.matchAll(/\]\(([\w./-]+\.md)(?:#([\w-]+))?\)/g)) {
    const url = new URL(`docs/${page}`, root);
    t.true(existsSync(url), page);
    if (heading === undefined) continue;
    const headings = [...readFileSync(url, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => title);
    t.true(
      headings.some((title) => title.toLowerCase().replaceAll(" ", "-") === heading),
      heading,
    );
  }
});
