// Which version of reviews pages were made with: the measure that most steps use.

import { findCall } from "../app/index.ts";
import type { Headers, Seen, Tour } from "./tour.ts";

// More would only queue up in front of the applications.
const atOnce = 8;

/** Loads the page `count` times and counts the versions of reviews, and failures by what they were. */
export async function countReviews(
  tour: Tour,
  count: number,
  headers?: Headers,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  let left = count;
  const visitor = async () => {
    while (left-- > 0) {
      const version = versionIn(await tour.page(headers));
      counts.set(version, (counts.get(version) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, visitor));
  return counts;
}

/** The version of reviews that a page was made with, or `failed` and why. */
export function versionIn(page: Seen): string {
  const call = findCall(page.answer, "reviews");
  if (call?.answer) return call.answer.version;
  return call
    ? `failed (reviews ${call.status}: ${call.error})`
    : `failed (page ${page.status}: ${page.failure ?? page.body.trim().slice(0, 200)})`;
}

export function isFailure(version: string): boolean {
  return version.startsWith("failed");
}

/** `v1 401, v2 99`. */
export function describeCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([version, count]) => `${version} ${count}`)
    .join(", ");
}

/** Whether each version got its share of all. A sound split of 500 misses 8 points once in a hundred thousand runs. */
export function isSplit(
  counts: ReadonlyMap<string, number>,
  shares: Readonly<Record<string, number>>,
  tolerance = 0.08,
): boolean {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if ([...counts.keys()].some((version) => !(version in shares))) return false;
  return Object.entries(shares).every(([version, share]) => {
    const part = (counts.get(version) ?? 0) / total;
    return share === 0 || share === 1 ? part === share : Math.abs(part - share) <= tolerance;
  });
}

/**
 * Loads the page about a hundred times a second until `until` is fulfilled, whether or not earlier requests have been
 * answered: every answer, in the order of asking.
 */
export async function watchReviews(tour: Tour, until: Promise<unknown>): Promise<readonly Seen[]> {
  const pages: Promise<Seen>[] = [];
  const visits = setInterval(() => pages.push(tour.page()), 10);
  await until.finally(() => clearInterval(visits));
  return Promise.all(pages);
}
