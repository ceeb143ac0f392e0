// Benchmark 13: what it costs that a change goes to one client first. Two control planes, alike but for that, get changes in turn, so that
// what a machine does to one it does to the other. Two processes of the same program differ too, and the one that was started first is
// mostly the slower: so there are several pairs, of which each is taken twice, once in either order.

import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { type Distribution, distributionOf } from "../distribution.ts";
import { changeNames } from "../population/describe-change.ts";
import { type ChangeKind, openPopulation, type Population } from "../population/index.ts";

const pairs = 4;
/** Of --changes of each kind at each of the two. */
const turnsPerOrder = 4;

export const canaryCost: Benchmark = {
  number: 13,
  title: "what canaries cost",
  about: `in turn with and without, at ${2 * pairs} pairs of control planes with the most of --clients; takes minutes`,
  onDemand: true,
  run: async (context) => {
    const clients = Math.max(...context.clients);
    const measured: PairFigures[] = [];
    for (let pair = 1; pair <= pairs; pair += 1) {
      context.say(`${clients} clients: changes with and without canaries, ${pair} of ${pairs}`);
      const figures = newFigures();
      await measurePair(["with", "without"], figures, clients, context);
      await measurePair(["without", "with"], figures, clients, context);
      measured.push(figures);
    }
    return kinds.flatMap((kind) =>
      describe(
        kind,
        clients,
        measured.map((figures) => figures[kind]),
      ),
    );
  },
};

const kinds = ["route", "endpoint"] as const satisfies readonly ChangeKind[];

type Side = "with" | "without";

/** For each run of changes, the milliseconds from the change reaching the control plane to a client having it. */
type Compared = Readonly<Record<Side, (readonly number[])[]>>;

type PairFigures = Readonly<Record<(typeof kinds)[number], Compared>>;

function newFigures(): PairFigures {
  return { route: { with: [], without: [] }, endpoint: { with: [], without: [] } };
}

/** In the order in which they are started. */
async function measurePair(
  order: readonly Side[],
  figures: PairFigures,
  clients: number,
  context: BenchContext,
): Promise<void> {
  const opened = new Map<Side, Population>();
  try {
    for (const side of order) {
      const quiet = { ...context, canary: side === "with", say: () => {} };
      const population = await openPopulation(clients, quiet, `plane-${side}-canaries`);
      opened.set(side, population);
      await population.join(clients, clients);
    }
    for (let turn = 0; turn < turnsPerOrder; turn += 1) {
      const sides = [...opened];
      for (const kind of kinds)
        for (const [side, population] of turn % 2 === 0 ? sides : sides.toReversed())
          figures[kind][side].push((await population.measure(kind)).toClient);
    }
  } finally {
    for (const population of opened.values()) await population.end();
  }
}

function describe(
  kind: (typeof kinds)[number],
  clients: number,
  measured: readonly Compared[],
): readonly Figure[] {
  const what = `${changeNames[kind]} change → ${clients} clients`;
  const all = (side: Side) => distributionOf(measured.flatMap((compared) => compared[side].flat()));
  const ratios = (quantile: "p50" | "p99") =>
    distributionOf(
      measured.map((compared) => meanOf(compared.with, quantile) / meanOf(compared.without, quantile)),
    );
  const note = "with, as a share of without";
  return [
    { name: `${what}, with canaries`, unit: "ms", value: all("with") },
    { name: `${what}, without`, unit: "ms", value: all("without") },
    { name: `${what}: the medians`, unit: "×", value: ratios("p50"), note },
    { name: `${what}: the 99th percentiles`, unit: "×", value: ratios("p99"), note },
  ];
}

/** Of a quantile of each run. */
function meanOf(runs: readonly (readonly number[])[], quantile: keyof Distribution): number {
  return runs.reduce((sum, run) => sum + distributionOf(run)[quantile], 0) / runs.length;
}
