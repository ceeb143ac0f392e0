// The benchmarks that have many clients, on a mesh of a few services: whether their clients get what they should, not how
// fast.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { BenchContext, Figure } from "./benchmark.ts";
import { changeCost } from "./change-cost/index.ts";
import { manyClients } from "./many-clients/index.ts";
import { reconnectStorm } from "./reconnect-storm/index.ts";
import { referenceSize } from "./synthetic-mesh.ts";

const context: BenchContext = {
  numbers: [],
  size: { ...referenceSize, services: 4, routeSets: 2, destinationRules: 2, namespaces: 2 },
  clients: [2],
  crowds: [9],
  clientsPerProcess: 4,
  manyServices: 4,
  plotSizes: [12],
  plotFile: "",
  movers: 5,
  changes: 1,
  budgetMs: 1_000,
  tls: false,
  vhds: true,
  canary: true,
  pin: false,
  say: () => {},
};

function single(figures: readonly Figure[], name: string): number {
  const found = figures.find((figure) => figure.name === name);
  if (!found) throw new Error(`no figure is called ${name}; there are ${figures.map((each) => each.name)}`);
  return typeof found.value === "number" ? found.value : found.value.p50;
}

test.serial("more clients than services, in several processes: all are configured and reached", async (t) => {
  const figures = await manyClients.run(context);
  t.is(single(figures, "9 clients: refused"), 0);
  const change = figures.find(({ name }) => name === "endpoint change → 9 clients");
  t.is(typeof change?.value === "object" ? change.value.samples : 0, 9);
  t.true(
    single(figures, "endpoint change → 9 clients: all types") < 5,
    "an endpoint change sends one service",
  );
});

test.serial("clients that move over TLS are sent no cluster and no listener again", async (t) => {
  const figures = await reconnectStorm.run({ ...context, tls: true });
  t.is(single(figures, "5 clients: CDS sent again"), 0);
  t.is(single(figures, "5 clients: LDS sent again"), 0);
  t.is(single(figures, "5 clients: refused"), 0);
  t.true(single(figures, "5 clients: all in sync") > 0);
});

test.serial("the cost of changes becomes figures, a picture and its numbers", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-plot-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const plotFile = join(folder, "cost.svg");
  const figures = await changeCost.run({ ...context, plotFile });
  t.true(single(figures, "12 services, endpoint change → 10 clients: control-plane CPU") > 0);
  t.is((await readFile(plotFile, "utf8")).match(/<polyline/g)?.length, 8);
  const { points } = JSON.parse(await readFile(join(folder, "cost.json"), "utf8"));
  t.is(points.length, 4);
});
