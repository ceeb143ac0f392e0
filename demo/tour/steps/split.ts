// Weighted routing, and how fast an edit of the weights moves the traffic.

import { setTimeout as sleep } from "node:timers/promises";
import { promise } from "../promise.ts";
import { countReviews, describeCounts, isFailure, isSplit, versionIn, watchReviews } from "../reviews.ts";
import type { Step } from "../step.ts";

const file = "policy/reviews.yaml";

/** The weights of v1 and v2 in the text. */
export function withWeights(text: string, v1: number, v2: number): string {
  return text.replace("weight: 80", `weight: ${v1}`).replace("weight: 20", `weight: ${v2}`);
}

export const weightedSplit: Step = {
  title: "weights 80 and 20 send four of five requests to reviews v1 and one to v2",
  async run(tour) {
    const counts = await countReviews(tour, 500);
    const seen = `500 requests: ${describeCounts(counts)}`;
    promise(isSplit(counts, { v1: 0.8, v2: 0.2 }), seen);
    return seen;
  },
};

export const changedSplit: Step = {
  title: "weights edited to 50 and 50 are what the traffic then does",
  run: (tour) =>
    tour.edited(
      file,
      (text) => withWeights(text, 50, 50),
      async ({ landing }) => {
        const counts = await countReviews(tour, 500);
        const seen = `500 requests: ${describeCounts(counts)}`;
        promise(isSplit(counts, { v1: 0.5, v2: 0.5 }), seen);
        return `${seen}; ${landing.proxies} proxies had it ${Math.round(landing.tookMs)} ms after the save`;
      },
    ),
};

export const quickMove: Step = {
  title: "all traffic moves to v2 within a second of saving weights 0 and 100, and no request fails",
  async run(tour) {
    const move = tour.edited(
      file,
      (text) => withWeights(text, 0, 100),
      async ({ landing }) => {
        await sleep(1500);
        return { savedAt: landing.savedAt, endedAt: Date.now() };
      },
    );
    const pages = await watchReviews(tour, move);
    const { savedAt, endedAt } = await move;
    const failed = pages.map(versionIn).filter(isFailure);
    promise(failed.length === 0, `${failed.length} of ${pages.length} requests failed: ${failed[0]}`);
    const during = pages.filter(({ askedAt }) => askedAt >= savedAt && askedAt < endedAt);
    const lastOld = during.findLast((page) => versionIn(page) !== "v2");
    const movedMs = lastOld ? Math.round(lastOld.askedAt + lastOld.ms - savedAt) : 0;
    promise(during.length > 80, `only ${during.length} requests were answered in the meantime`);
    promise(movedMs < 1000, `v1 still answered ${movedMs} ms after the save`);
    return `v1 gave its last answer ${movedMs} ms after the save; ${during.length} requests since, all good`;
  },
};
