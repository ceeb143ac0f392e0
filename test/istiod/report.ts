// What was found, for people: news by kind with examples, and how much of it is understood.

import { kindOf } from "./differences.ts";
import { canonical } from "./json.ts";
import { reasonFor } from "./understood.ts";
import type { Found } from "./worlds.ts";

export interface Layout {
  /** How many of each kind are shown. */
  readonly examples: number;
  /** How many characters of a value are shown. */
  readonly width: number;
}

export interface Sorted {
  readonly news: readonly Found[];
  /** Reason → how often. */
  readonly understood: ReadonlyMap<string, number>;
}

export function sortOut(found: readonly Found[]): Sorted {
  const counts = new Map<string, number>();
  const news = found.filter((each) => {
    const reason = reasonFor(each);
    if (reason) counts.set(reason.because, (counts.get(reason.because) ?? 0) + 1);
    return !reason;
  });
  return { news, understood: counts };
}

/** The most frequent kind first. */
export function renderNews(news: readonly Found[], { examples, width }: Layout): string {
  const kinds = [...Map.groupBy(news, ({ path }) => kindOf(path))].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  const cut = (text: string) => (text.length > width ? `${text.slice(0, width)}…` : text);
  const lines = kinds.flatMap(([kind, all]) => [
    `${all.length} × ${kind}`,
    ...all
      .slice(0, examples)
      .flatMap(({ world, proxy, path, ours, istiod }) => [
        `    world ${world}, proxy ${proxy}: ${cut(path)}`,
        `      Fairlead ${cut(canonical(ours))}`,
        `      istiod   ${cut(canonical(istiod))}`,
      ]),
  ]);
  return lines.map((line) => `${line}\n`).join("");
}

export function renderCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => `${String(count).padStart(6)}  ${what}\n`)
    .join("");
}
