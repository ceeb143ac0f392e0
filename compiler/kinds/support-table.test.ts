import { readFileSync } from "node:fs";
import test from "ava";
import { kinds } from "./registry.ts";
import { renderSupportTable } from "./support-table.ts";

test("docs/support.md is what the field tables say", (t) => {
  const page = readFileSync(new URL("../../docs/support.md", import.meta.url), "utf8");
  t.true(page === renderSupportTable(kinds), "run: node docs/generate-support.ts");
});

test("no two kinds share a group and a name", (t) => {
  const names = kinds.map(({ group, kind }) => `${group}/${kind}`);
  t.is(new Set(names).size, names.length);
});
