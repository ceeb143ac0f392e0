// What a benchmark is to the command that runs it: a number to choose it by, and rows of figures that come out.

import type { Distribution } from "./distribution.ts";
import type { MeshSize } from "./synthetic-mesh.ts";
import type { TargetName } from "./targets.ts";

/** What was asked for on the command line. */
export interface BenchContext {
  /** The benchmarks that run. */
  readonly numbers: readonly number[];
  readonly size: MeshSize;
  /** How many clients the fan-out is measured with. */
  readonly clients: readonly number[];
  /** How many clients there are where many are measured. */
  readonly crowds: readonly number[];
  /** How many clients a process holds before another one is started. */
  readonly clientsPerProcess: number;
  /** How many services there are where many are compiled. */
  readonly manyServices: number;
  /** The numbers of services over which the cost of a change is plotted. */
  readonly plotSizes: readonly number[];
  /** The picture; its numbers go beside it, as JSON. */
  readonly plotFile: string;
  /** How many clients move from one replica to another. */
  readonly movers: number;
  /** Changes per kind and number of clients; fewer where they do not fit into `budgetMs`. */
  readonly changes: number;
  readonly budgetMs: number;
  /** Clients come over TLS with tokens of their own, and get certificates. */
  readonly tls: boolean;
  /** Clients say that they take virtual hosts as resources of their own, as an Envoy 1.40 does. */
  readonly vhds: boolean;
  /** A change goes to one client of each class first, as it does unless a server is told otherwise. */
  readonly canary: boolean;
  /** The server's main thread and the clients' processes have a core each. */
  readonly pin: boolean;
  /** Where to write CPU profiles of the measured processes; absent: none. */
  readonly profileFolder?: string;
  /** One line of progress. */
  say(line: string): void;
}

/** The most clients that the fan-out is measured with. */
export function mostOf({ clients }: BenchContext): number {
  return Math.max(...clients);
}

export type Unit = "ms" | "kB" | "MB" | "resources" | "refusals" | "×";

/** One measured thing: a distribution over samples, or a single figure. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number | Distribution;
  /** What the figure does not say by itself. */
  readonly note?: string;
  /** The target that it is held against in the summary, at the reference size. */
  readonly target?: TargetName;
  /** What istiod takes here for that target. */
  readonly rival?: TargetName;
}

export interface Benchmark {
  readonly number: number;
  readonly title: string;
  /** What it does where the title does not say it, and how long that may take. */
  readonly about: string;
  /** It needs what not everybody has, and so runs only when it is named. */
  readonly onDemand?: boolean;
  run(context: BenchContext): Promise<readonly Figure[]>;
}
