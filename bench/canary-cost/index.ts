// Benchmark 13: what it costs that a change goes to one client first. Control planes that are alike but for that get changes in turn, so
// that what a machine does to one it does to the others. Two processes of the same program differ too: so there is a third one, alike to
// the second in everything, and what those two differ by is what could not be told from nothing.

import { type BenchContext, type Benchmark, type Figure, mostOf } from "../benchmark.ts";
import { type Distribution, distributionOf } from "../distribution.ts";
import { changeNames } from "../population/describe-change.ts";
import { type ChangeKind, openPopulation, type Population } from "../population/index.ts";

const trios = 3;

/**
 * Of --changes of each kind at each, and as many again after them. A process that has seen a few dozen changes is still being compiled,
 * and has more to compile where there are canaries.
 */
const warmUps = 6;
const turns = 6;

/** In the order of the first start. */
const sides = ["with", "without", "alike"] as const;
type Side = (typeof sides)[number];

const kinds = ["route", "endpoint"] as const satisfies readonly ChangeKind[];
type Kind = (typeof kinds)[number];

export const canaryCost: Benchmark = {
  number: 13,
  title: "what canaries cost",
  about: `in turn with and without, and what two without differ by, at ${trios} trios of control planes with the most of --clients; takes minutes`,
  onDemand: true,
  run: async (context) => {
    const clients = mostOf(context);
    const measured: TrioFigures[] = [];
    for (let trio = 1; trio <= trios; trio += 1) {
      context.say(`${clients} clients: changes with and without canaries, ${trio} of ${trios}`);
      const figures = newFigures();
      // The one that was started first is mostly the slower: each is that once.
      for (const first of sides.keys()) await measureTrio(rotated(first), figures, clients, context);
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

/** For each run of changes, the milliseconds from the change reaching the control plane to a client having it. */
type Compared = Readonly<Record<Side, (readonly number[])[]>>;

type TrioFigures = Readonly<Record<Kind, Compared>>;

function newFigures(): TrioFigures {
  const none = (): Compared => ({ with: [], without: [], alike: [] });
  return { route: none(), endpoint: none() };
}

function rotated(first: number): readonly Side[] {
  return [...sides.slice(first), ...sides.slice(0, first)];
}

/** In the order in which they are started. Each has its changes first, second and third as often. */
async function measureTrio(
  order: readonly Side[],
  figures: TrioFigures,
  clients: number,
  context: BenchContext,
): Promise<void> {
  const opened = new Map<Side, Population>();
  try {
    for (const side of order) {
      const quiet = { ...context, canary: side === "with", say: () => {} };
      const population = await openPopulation(clients, quiet, `plane-${side}`);
      opened.set(side, population);
      await population.join(clients, clients);
    }
    for (let turn = -warmUps; turn < turns; turn += 1)
      for (const kind of kinds)
        for (const side of rotated(Math.abs(turn) % sides.length)) {
          const measured = await opened.get(side)?.measure(kind);
          if (measured && turn >= 0) figures[kind][side].push(measured.toClient);
        }
  } finally {
    for (const population of opened.values()) await population.end();
  }
}

function describe(kind: Kind, clients: number, measured: readonly Compared[]): readonly Figure[] {
  const what = `${changeNames[kind]} change → ${clients} clients`;
  const withCanaries = measured.flatMap((compared) => compared.with.flat());
  const without = measured.flatMap((compared) => [...compared.without, ...compared.alike].flat());
  const ratios = (quantile: "p50" | "p99"): readonly Figure[] => {
    const means = measured.map((compared) => ({
      canaries: meanOf(compared.with, quantile),
      none: meanOf([...compared.without, ...compared.alike], quantile),
      first: meanOf(compared.without, quantile),
      second: meanOf(compared.alike, quantile),
    }));
    const which = quantile === "p50" ? "the medians" : "the 99th percentiles";
    return [
      {
        name: `${what}: ${which}`,
        unit: "×",
        value: distributionOf(means.map(({ canaries, none }) => canaries / none)),
        note: "with, as a share of without",
      },
      {
        name: `${what}: ${which} of two alike`,
        unit: "×",
        value: distributionOf(means.map(({ first, second }) => second / first)),
        note: "both without: no less than this can be told from nothing",
      },
    ];
  };
  return [
    { name: `${what}, with canaries`, unit: "ms", value: distributionOf(withCanaries) },
    { name: `${what}, without`, unit: "ms", value: distributionOf(without) },
    ...ratios("p50"),
    ...ratios("p99"),
  ];
}

/** Of a quantile of each run. */
function meanOf(runs: readonly (readonly number[])[], quantile: keyof Distribution): number {
  return runs.reduce((sum, run) => sum + distributionOf(run)[quantile], 0) / runs.length;
}
