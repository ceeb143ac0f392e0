import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { routeFile, syntheticMesh } from "../synthetic-mesh.ts";
import { startIstiod } from "./server.ts";

// The real one takes Go and ten minutes. This one does as it does with lines, and answers with how many objects it was handed.
const standIn = `#!${process.execPath}
import { createInterface } from "node:readline";
const say = (answer) => console.log(JSON.stringify(answer));
for await (const line of createInterface({ input: process.stdin })) {
  const { config, replace = "" } = JSON.parse(line);
  if (config !== undefined) say({ port: config.split("---").length, at: 0 });
  else say({ at: replace === "" ? 0 : replace.split("---").length });
}
`;

test("a mesh is handed over whole, and a file by itself, of which is told when it was handed over", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-istiod-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, "serve.mjs");
  await writeFile(program, standIn, { mode: 0o755 });
  const size = { services: 2, endpointsPerService: 1, routeSets: 1, destinationRules: 1, namespaces: 1 };
  const istiod = await startIstiod(program, syntheticMesh(size));
  t.teardown(() => istiod.end());
  t.is(istiod.port, 6, "two Services, two EndpointSlices, a rule and a route");
  const told = istiod.next();
  await istiod.save(routeFile(0, size, 10, "marked"));
  t.is((await told).at, 1);
  const { rss } = await istiod.usage(true);
  t.true(rss > 1_000_000);
});
