// What the proof found, as text: counts by kind of traffic and of change, and every failure beside the changes before it.

import type { Failure } from "./load/tally.ts";
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
    `${nacks.length} refusals by proxies, ${flagged.length} requests with a response flag`,
    ...nacks.slice(0, shown),
    ...beside(failures, done),
    ...beside(cuts, done),
    ...flagged.slice(0, shown),
  ];
  return { text: `${lines.join("\n")}\n`, good: failures.length === 0 && nacks.length === 0 };
}

/** Each with the last changes before it. */
function beside(failures: readonly Failure[], done: readonly Done[]): readonly string[] {
  return failures.slice(0, shown).map(({ at, flow, what }) => {
    const before = done.filter((change) => change.at <= at + 20).slice(-3);
    const changes = before.map(
      (change) =>
        `${at - change.at} ms after: ${change.kind} (${change.manner})${change.drains.length > 0 ? ` drains ${change.drains.join()}` : ""}`,
    );
    return `${new Date(at).toISOString()} ${flow}: ${what}\n    ${changes.join("\n    ")}`;
  });
}
