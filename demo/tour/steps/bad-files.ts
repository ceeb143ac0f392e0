// Files that turn bad: nothing happens to the traffic, the line is named, and mending the file is enough.

import { promise } from "../promise.ts";
import { countReviews, describeCounts, isSplit } from "../reviews.ts";
import type { Step } from "../step.ts";
import type { Tour } from "../tour.ts";
import { withWeights } from "./split.ts";

interface Mistake {
  readonly title: string;
  /** A mistake in a text that would otherwise send everything to v2. */
  readonly make: (text: string) => string;
  /** What the line with the mistake contains. */
  readonly marked: string;
  readonly code: string;
}

export const syntaxError = stepFor({
  title: "a syntax error changes nothing and is named with its line; mending it is enough",
  make: (text) => text.replace("    subset: v3", "\tsubset: v3"),
  marked: "\tsubset: v3",
  code: "yaml-syntax",
});

export const unknownField = stepFor({
  title: "so does a field that does not exist",
  make: (text) => text.replace("weight: 0", "weigth: 0"),
  marked: "weigth: 0",
  code: "unknown-field",
});

const file = "policy/reviews.yaml";

function stepFor({ title, make, marked, code }: Mistake): Step {
  return {
    title,
    async run(tour) {
      const known = errors(tour).length;
      promise(known === 0, `the files have ${known} errors to begin with`);
      const seen = await tour.edited(
        file,
        (text) => make(withWeights(text, 0, 100)),
        async (edit) => {
          const line = edit.text.split("\n").findIndex((each) => each.includes(marked)) + 1;
          const found = errors(tour);
          const named = found.find((each) => each.code === code && each.position.file === edit.file);
          promise(named !== undefined, `errors: ${found.map(({ message }) => message).join("; ") || "none"}`);
          const at = `${named.position.file}:${named.position.line}`;
          promise(named.position.line === line, `${at} is named instead of line ${line}: ${named.message}`);
          const counts = await countReviews(tour, 100);
          const asBefore = isSplit(counts, { v1: 0.8, v2: 0.2 }, 0.18);
          promise(asBefore, `the traffic changed: ${describeCounts(counts)}`);
          return `${file}:${named.position.line}: ${named.message}; traffic as before: ${describeCounts(counts)}`;
        },
      );
      promise(errors(tour).length === 0, "the error is still there after the file was mended");
      return seen;
    },
  };
}

function errors(tour: Tour) {
  return tour.diagnostics().filter(({ severity }) => severity === "error");
}

export const recovery: Step = {
  title: "a file that was bad and is mended takes effect at once",
  run: (tour) =>
    tour.edited(
      file,
      (text) => text.replace("weight: 80", "weight: [80"),
      async () =>
        tour.edited(
          file,
          (text) => withWeights(text.replace("weight: [80", "weight: 80"), 0, 100),
          async ({ landing }) => {
            const counts = await countReviews(tour, 50);
            promise(isSplit(counts, { v2: 1 }), describeCounts(counts));
            promise(errors(tour).length === 0, "an error is still reported");
            return `${describeCounts(counts)}, ${Math.round(landing.tookMs)} ms after the save`;
          },
        ),
    ),
};
