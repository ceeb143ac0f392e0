// Which sources of policy cannot be read at present, so that what is served is what they said last. In: problems and
// recoveries. Out: the list, its number as a metric, and log lines.

import type { SourceProblem } from "#sources";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";

export interface StaleSource extends SourceProblem {
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface StaleSources {
  /** Sorted by name. */
  list(): readonly StaleSource[];
  readonly onProblem: (problem: SourceProblem) => void;
  readonly onRecovered: (name: string) => void;
}

export function createStaleSources(log: Logger, metrics: Metrics, now: () => number): StaleSources {
  const sources = new Map<string, StaleSource>();
  return {
    list: () => [...sources.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    onProblem: ({ name, message }) => {
      sources.set(name, { name, message, since: sources.get(name)?.since ?? now() });
      metrics.staleSources(sources.size);
      log.warn({ scope: "model", source: name }, `${name} ${message}; what it said last stays in force`);
    },
    onRecovered: (name) => {
      if (!sources.delete(name)) return;
      metrics.staleSources(sources.size);
      log.info({ scope: "model", source: name }, `${name} can be read again`);
    },
  };
}
