// What the load lost, in words: for assertions and reports.

import type { Failure, FlowTally } from "./tally.ts";

/** Every failed request and every stream that was cut, of all flows or of those whose names match. Empty is what we want. */
export function losses(tallies: readonly FlowTally[], flows = /./): readonly string[] {
  return tallies
    .filter(({ name }) => flows.test(name))
    .flatMap(({ failures, cuts }) => [
      ...failures.map((failure) => describe("failed", failure)),
      ...cuts.map((cut) => describe("cut", cut)),
    ]);
}

function describe(kind: string, { at, flow, what }: Failure): string {
  return `${new Date(at).toISOString()} ${kind}: ${flow}: ${what}`;
}

/** How many requests and messages were answered. */
export function answered(tallies: readonly FlowTally[]): number {
  return tallies.reduce((sum, { ok }) => sum + ok, 0);
}

/** Names of flows that have had no answer at all: a load that does not run proves nothing. */
export function idle(tallies: readonly FlowTally[]): readonly string[] {
  return tallies.filter(({ ok }) => ok === 0).map(({ name }) => name);
}
