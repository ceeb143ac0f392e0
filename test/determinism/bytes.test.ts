// Same meaning, same bytes: however a policy is spread over files and documents, in whichever order its keys stand, every
// proxy gets the same versions. So it does when compiled again, and by another process.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import fc from "fast-check";
import { rearranged } from "./rearrange.ts";
import { listWorlds, versionsOf } from "./worlds.ts";

const worlds = listWorlds();

for (const { name, input, proxies } of worlds) {
  test(`${name}: rearranged, it compiles to the same bytes`, (t) => {
    const expected = versionsOf(input, proxies);
    t.true(Object.keys(expected).length > 0);
    fc.assert(
      fc.property(rearranged(input.files), (files) => {
        const actual = versionsOf({ ...input, files }, proxies);
        const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
        const different = [...keys].filter((key) => actual[key] !== expected[key]);
        if (different.length > 0) throw new Error(`differs: ${different.join(", ")}`);
      }),
      { numRuns: Number(process.env.DETERMINISM_RUNS ?? 15) },
    );
    t.deepEqual(versionsOf(input, proxies), expected, "compiled again");
  });
}

test("another process compiles everything to the same bytes", async (t) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`${import.meta.dirname}/print-versions.ts`],
    {
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const elsewhere: unknown = JSON.parse(stdout);
  const here = Object.fromEntries(
    worlds.map(({ name, input, proxies }) => [name, versionsOf(input, proxies)]),
  );
  t.deepEqual(elsewhere, here);
});
