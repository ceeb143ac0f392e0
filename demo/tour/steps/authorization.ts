// Authorization policies: what is denied to everybody, and what is allowed to some.

import { promise, soon } from "../promise.ts";
import type { Step } from "../step.ts";

export const denied: Step = {
  title: "DENY: nobody may DELETE details; an edit of the policy changes what is denied",
  async run(tour) {
    const send = async (method: string) =>
      (await tour.as("productpage-v1", "http://details:9080/details/0", { method })).status;
    const statuses = async () => ({
      get: await send("GET"),
      put: await send("PUT"),
      delete: await send("DELETE"),
    });
    const before = await statuses();
    const seen = `DELETE ${before.delete}, PUT ${before.put}, GET ${before.get}`;
    promise(before.delete === 403 && before.put === 200 && before.get === 200, seen);
    const after = await tour.edited(
      "policy/security.yaml",
      (text) => text.replace('methods: ["DELETE"]', 'methods: ["PUT"]'),
      () =>
        soon(
          statuses,
          (now) => now.delete === 200 && now.put === 403 && now.get === 200,
          (now) => `denying PUT instead: DELETE ${now.delete}, PUT ${now.put}, GET ${now.get}`,
        ),
    );
    return `${seen}; denying PUT instead: DELETE ${after.delete}, PUT ${after.put}, GET ${after.get}`;
  },
};

export const allowed: Step = {
  title: "ALLOW: ratings answers reviews, and refuses productpage",
  async run(tour) {
    const url = "http://ratings:9080/ratings/0";
    const reviews = await tour.as("reviews-v2", url);
    const productpage = await tour.as("productpage-v1", url);
    const seen = `reviews ${reviews.status}; productpage ${productpage.status} (${productpage.body.trim()})`;
    promise(reviews.status === 200 && reviews.answer?.service === "ratings", seen);
    promise(productpage.status === 403 && productpage.body.includes("RBAC"), seen);
    return seen;
  },
};
