// Each folder of fixtures/diagnostics holds an input and, as text, everything that parsing and validating say about it.
// `UPDATE_FIXTURES=1` writes what is said now; look at the difference before you commit it.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import test from "ava";
import { parseText } from "../1-parse/index.ts";
import { describeDuplicates, firstOf, objectKey, validateObject } from "../2-validate/index.ts";
import { kinds } from "../kinds/registry.ts";
import { defaultMeshConfig } from "../model/mesh-config.ts";
import { renderDiagnostics } from "./index.ts";

const root = new URL("../../fixtures/diagnostics/", import.meta.url);

function diagnose(text: string): string {
  const { objects, diagnostics } = parseText("input.yaml", text);
  const claims = Map.groupBy(
    objects.map((raw) => ({ raw })),
    ({ raw }) => (raw.name === "" ? raw : objectKey(raw)),
  );
  const counting = objects.filter(
    (raw) => firstOf(claims.get(raw.name === "" ? raw : objectKey(raw)) ?? [])?.raw === raw,
  );
  const validated = counting.map((object) => validateObject(object, { kinds, mesh: defaultMeshConfig }));
  const all = [
    ...diagnostics,
    ...[...claims.values()].flatMap(describeDuplicates),
    ...validated.flatMap((one) => one.diagnostics),
  ];
  return renderDiagnostics(all, { source: () => text });
}

for (const name of readdirSync(root).sort()) {
  test(`fixtures/diagnostics/${name}`, (t) => {
    const folder = new URL(`${name}/`, root);
    const files = readdirSync(folder);
    const said = diagnose(readFileSync(new URL("input.yaml", folder), "utf8"));
    const golden = new URL("diagnostics.txt", folder);
    if (process.env.UPDATE_FIXTURES !== undefined) {
      if (said === "") rmSync(golden, { force: true });
      else writeFileSync(golden, said);
      t.pass();
      return;
    }
    const strangers = files.filter((file) => file !== "input.yaml" && file !== "diagnostics.txt");
    t.deepEqual(strangers, []);
    t.is(said, files.includes("diagnostics.txt") ? readFileSync(golden, "utf8") : "");
  });
}
