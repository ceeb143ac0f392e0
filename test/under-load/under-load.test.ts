// The proof at a length for every day: `main.ts` is the same at full length.

import test from "ava";
import { idle, losses } from "./load/losses.ts";
import { runProof } from "./proof.ts";

test("sixty changes of every kind, over each other and in pieces, lose nothing and cut nothing", async (t) => {
  t.timeout(170_000);
  const { done, tallies, nacks } = await runProof({ changes: 60, seed: 2, factor: 0.5, net: 33 });
  t.is(done.length, 60);
  t.deepEqual(losses(tallies), []);
  t.deepEqual(idle(tallies), []);
  t.deepEqual(nacks, []);
});
