// What the proof found, as text: counts by kind of traffic and of change, and every failure beside the changes before it.

import type { Failure, FlowTally } from "./load/tally.ts";
import type { Done, ProofResult } from "./proof.ts";

export interface Report {
  readonly text: string;
  /** Nothing failed, nothing was refused, and nothing was cut that no drain explains. */
  readonly good: boolean;
}

const shown = 40;

export function renderReport(result: ProofResult): Report {
  const { done, tallies, nacks, flagged, seconds } = result;
  const failures = tallies.flatMap((tally) => tally.failures);
  const cuts = tallies.flatMap((tally) => tally.cuts);
  const unexplained = tallies.flatMap((tally) => tally.cuts.filter(({ at }) => !isForeseen(tally, at, done)));
  const longest = Math.max(0, ...done.map(({ writingMs }) => writingMs));
  const kinds = new Map<string, number>();
  for (const { kind } of done) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const lines = [
    `${done.length} changes in ${Math.round(seconds)} s`,
    ...[...kinds].sort().map(([kind, count]) => `  ${String(count).padStart(5)} ${kind}`),
    "",
    "traffic                              answered  failed     cut",
    ...tallies.map(
      ({ name, ok, failures, cuts }) =>
        `${name.padEnd(36)} ${String(ok).padStart(8)} ${String(failures.length).padStart(7)} ${String(cuts.length).padStart(7)}`,
    ),
    "",
    `${cuts.length - unexplained.length} of ${cuts.length} cuts foreseen as drains; the longest change took ${longest} ms to write`,
    `${nacks.length} refusals by proxies, ${flagged.length} requests with a response flag`,
    ...nacks.slice(0, shown),
    ...beside(failures, done),
    ...beside(unexplained, done),
    ...flagged.slice(0, shown),
  ];
  return { text: `${lines.join("\n")}\n`, good: failures.length + unexplained.length + nacks.length === 0 };
}

/** Whether a change before it was said to drain a listener on the way. Envoy closes what is left after its drain time, 2 s here. */
function isForeseen({ listeners }: FlowTally, at: number, done: readonly Done[]): boolean {
  return done.some(
    (change) =>
      change.at <= at && change.at >= at - 5000 && change.drains.some((each) => listeners.includes(each)),
  );
}

/** Each with the last changes before it. */
function beside(failures: readonly Failure[], done: readonly Done[]): readonly string[] {
  return failures.slice(0, shown).map(({ at, flow, what }) => {
    const before = done.filter((change) => change.at <= at + 20).slice(-3);
    const changes = before.map(
      (change) =>
        `${at - change.at} ms after: ${change.kind} (${change.manner} ${change.writingMs} ms)${change.drains.length > 0 ? ` drains ${change.drains.join()}` : ""}`,
    );
    return `${new Date(at).toISOString()} ${flow}: ${what}\n    ${changes.join("\n    ")}`;
  });
}
