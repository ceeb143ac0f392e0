// docs/xds-checklist.md names a test for each item: the names exist, and no transcript is left unnamed.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import test from "ava";

const root = new URL("../", import.meta.url);
const text = readFileSync(new URL("docs/xds-checklist.md", root), "utf8");
const transcripts = [
  ...readdirSync(new URL("fixtures/delta/", root)),
  ...readdirSync(new URL("fixtures/sotw/", root)).map((name) => `sotw/${name}`),
];

test("all items are there, in order", (t) => {
  const numbers = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  t.deepEqual(
    numbers,
    Array.from({ length: 46 }, (_, index) => index + 1),
  );
});

test("every transcript is named, and every transcript named exists", (t) => {
  const named = [...text.matchAll(/`((?:sotw\/)?[a-z]+(?:-[a-z]+)+)`/g)].map(([, name]) => name ?? "");
  t.deepEqual(
    [...new Set(named)].filter((name) => !transcripts.includes(name) && name !== "xds-server"),
    [],
  );
  t.deepEqual(
    transcripts.filter((name) => !named.includes(name)),
    [],
  );
});

test("every test file and every quoted title exists", (t) => {
  const files = [...text.matchAll(/`(xds-server\/[\w./-]+\.test\.ts)`/g)].map(([, file]) => file ?? "");
  for (const file of files) t.true(existsSync(new URL(file, root)), file);
  const sources = [...new Set(files)].map((file) => readFileSync(new URL(file, root), "utf8")).join("\n");
  const titles = [...text.replaceAll("\n", " ").matchAll(/"([a-zA-Z][^"]+ [^"]+)"/g)].map(
    ([, title]) => title ?? "",
  );
  t.true(titles.length > 15);
  for (const title of titles.filter((each) => each !== "subscribed minus generated")) {
    t.true(sources.includes(`test("${title}"`), title);
  }
});
