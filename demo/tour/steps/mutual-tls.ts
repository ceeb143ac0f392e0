// Mutual TLS: who may connect, and whom the application sees.

import { findCall } from "../../app/index.ts";
import { promise, soon } from "../promise.ts";
import type { Step } from "../step.ts";
import type { Seen, Tour } from "../tour.ts";

const productpage = "spiffe://cluster.local/ns/bookinfo/sa/bookinfo-productpage";
const path = "/details/0";

export const strict: Step = {
  title: "STRICT: plain text is refused; through the mesh the application sees its client's identity",
  async run(tour) {
    const plain = await tour.straight("details-v1", path);
    promise(plain.status === 0, `plain text was answered with ${plain.status}`);
    const caller = await callerOfDetails(tour);
    promise(caller === productpage, `through the mesh, details was called by ${caller ?? "nobody it knows"}`);
    return `plain text: ${plain.failure}; through the mesh: ${caller}`;
  },
};

export const permissive: Step = {
  title: "PERMISSIVE lets plain text in as well; back on STRICT it is refused again",
  async run(tour) {
    const seen = await tour.edited(
      "policy/security.yaml",
      (text) => text.replace("mode: STRICT", "mode: PERMISSIVE"),
      async () => {
        const plain = await soon(
          () => tour.straight("details-v1", path),
          ({ status }) => status === 200,
          (seen) => `plain text: ${describe(seen)}`,
        );
        const nobody = plain.answer?.caller;
        promise(nobody === undefined, `plain text was taken for ${nobody}`);
        const caller = await callerOfDetails(tour);
        promise(caller === productpage, `the mesh gave up mutual TLS: caller ${caller ?? "unknown"}`);
        return `plain text: ${plain.status}, from nobody in particular; the mesh still with identities`;
      },
    );
    const again = await soon(
      () => tour.straight("details-v1", path),
      ({ status }) => status === 0,
      ({ status }) => `back on STRICT, plain text was answered with ${status}`,
    );
    return `${seen}; then: ${again.failure}`;
  },
};

async function callerOfDetails(tour: Tour): Promise<string | undefined> {
  return findCall((await tour.page()).answer, "details")?.answer?.caller;
}

function describe({ status, failure }: Seen): string {
  return failure ?? String(status);
}
