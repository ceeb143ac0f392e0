// One step of the tour: a promise of the product, put to the test on the running mesh.

import type { Tour } from "./tour.ts";

export interface Step {
  /** What is promised, as a sentence without a full stop. */
  readonly title: string;
  /** Says in a few words what was seen. Throws a `NotAsPromised` otherwise. Leaves the files as they were. */
  run(tour: Tour): Promise<string>;
}
