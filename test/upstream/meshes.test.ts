// Every mesh that Istio's own files make, for each of its proxies: nothing crashes, nothing that could work is called an
// error, and real Envoy accepts all that is emitted.

import test from "ava";
import { judgeResources } from "#compiler";
import { encodeSnapshot } from "#xds-server";
import { staticBootstrap, validateInEnvoy } from "../envoy/index.ts";
import { expectedErrors } from "./expected-errors.ts";
import { absent } from "./istio-files.ts";
import { renderTable } from "./summary.ts";
import { type CompiledWorld, compileWorld, listWorlds, type ServedProxy } from "./worlds.ts";

if (absent !== undefined) test(absent, (t) => t.pass());
else {
  let worlds: readonly CompiledWorld[] = [];
  test.before(() => {
    worlds = listWorlds().map(compileWorld);
  });

  test("every file, folder and tree compiles for every proxy", (t) => {
    t.true(worlds.length > 150, `${worlds.length} worlds`);
    t.true(worlds.some(({ proxies }) => proxies.length > 30));
    t.log(renderTable(worlds));
  });

  test("what is called an error could not work, and nothing else is", (t) => {
    const places = worlds.flatMap(({ compiled }) =>
      compiled.diagnostics
        // Folders hold alternatives of one object (`kubectl apply -f` would keep the last): a duplicate is no surprise.
        .filter(({ severity, code }) => severity === "error" && code !== "duplicate-object")
        .map(({ position, code }) => `${position.file}:${position.line} ${code}`),
    );
    t.deepEqual([...new Set(places)].sort(), Object.keys(expectedErrors).sort());
  });

  test("no file defines an object twice", (t) => {
    const twice = worlds
      .filter(({ files }) => files.length === 1)
      .flatMap(({ name, compiled }) =>
        compiled.diagnostics.some(({ code }) => code === "duplicate-object") ? [name] : [],
      );
    t.deepEqual(twice, []);
  });

  test("nothing is held back from a proxy", (t) => {
    const unsound = worlds.flatMap(({ name, proxies }) =>
      proxies.flatMap(({ id, resources }) =>
        judgeResources(resources).unsound.map(
          ({ resource, reasons }) => `${name}, ${id}, ${resource.name}: ${reasons.join("; ")}`,
        ),
      ),
    );
    t.deepEqual(unsound, []);
  });

  test("Envoy loads what every proxy gets", async (t) => {
    t.timeout(600_000);
    const distinct = distinctProxies(worlds);
    const refused: string[] = [];
    await eachOf(distinct, 2, async ({ world, proxy }) => {
      const { accepted, output } = await validateInEnvoy(staticBootstrap(proxy.resources));
      if (!accepted) refused.push(`${world}, ${proxy.id}: ${output}`);
    });
    t.deepEqual(refused, []);
    t.true(distinct.length > 100);
    t.log(`${distinct.length} different proxies loaded`);
  });
}

interface Named {
  readonly world: string;
  readonly proxy: ServedProxy;
}

/** Many worlds give a proxy the same: Envoy need not be asked twice. */
function distinctProxies(worlds: readonly CompiledWorld[]): readonly Named[] {
  const found = new Map<string, Named>();
  for (const { name, proxies } of worlds) {
    for (const proxy of proxies) {
      const { id } = encodeSnapshot(proxy.resources);
      if (!found.has(id)) found.set(id, { world: name, proxy });
    }
  }
  return [...found.values()];
}

async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await act(item);
    }),
  );
}
