// Header matches, injected faults and timeouts.

import { findCall } from "../../app/index.ts";
import { promise } from "../promise.ts";
import { countReviews, describeCounts, isSplit } from "../reviews.ts";
import type { Step } from "../step.ts";

const ratings = "http://ratings:9080/ratings/0";

export const headerMatch: Step = {
  title: "the header `end-user: jason` leads to reviews v3, and nothing else does",
  async run(tour) {
    const jason = await countReviews(tour, 40, { "end-user": "jason" });
    const others = await countReviews(tour, 40, { "end-user": "jasmine" });
    const seen = `jason: ${describeCounts(jason)}; jasmine: ${describeCounts(others)}`;
    promise(isSplit(jason, { v3: 1 }) && isSplit(others, { v1: 0.8, v2: 0.2 }, 0.3), seen);
    return seen;
  },
};

export const abortFault: Step = {
  title: "`x-demo: broken` makes ratings answer 503, and only ratings",
  async run(tour) {
    const page = await tour.page({ "end-user": "jason", "x-demo": "broken" });
    const call = findCall(page.answer, "ratings");
    const seen = `the page ${page.status}, its call to ratings ${call?.status} (${call?.error})`;
    promise(page.status === 200 && call?.status === 503 && call.error === "fault filter abort", seen);
    return seen;
  },
};

export const delayFault: Step = {
  title: "`x-demo: slow` makes ratings wait for two seconds",
  async run(tour) {
    const slow = await tour.as("reviews-v3", ratings, { headers: { "x-demo": "slow" } });
    const usual = await tour.as("reviews-v3", ratings);
    const seen = `${slow.status} after ${Math.round(slow.ms)} ms; without the header after ${Math.round(usual.ms)} ms`;
    // Envoy's clock ticks in milliseconds, and its loop looks at it now and then: 1,999.7 ms have been seen.
    promise(slow.status === 200 && slow.ms >= 1990 && slow.ms < 4000, seen);
    promise(usual.status === 200 && usual.ms < 1000, seen);
    return seen;
  },
};

export const timeout: Step = {
  title: "ratings that take longer than the route's `timeout: 1s` are answered with 504",
  async run(tour) {
    const late = await tour.as("reviews-v3", ratings, { headers: { "x-app-delay": "ratings=3000" } });
    const inTime = await tour.as("reviews-v3", ratings, { headers: { "x-app-delay": "ratings=400" } });
    const seen = `3 s late: ${late.status} after ${Math.round(late.ms)} ms; 0.4 s late: ${inTime.status} after ${Math.round(inTime.ms)} ms`;
    promise(late.status === 504 && late.ms >= 900 && late.ms < 2000, seen);
    promise(inTime.status === 200 && inTime.ms >= 400, seen);
    return seen;
  },
};
