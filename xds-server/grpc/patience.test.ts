import test from "ava";
import { createPatience } from "./patience.ts";

/** Turns of the loop, one at a time. */
function createLoop() {
  const due: (() => void)[] = [];
  return { later: (then: () => void) => void due.push(then), turn: () => due.shift()?.(), due };
}

test("who waits is told once there is time, each once, in order", (t) => {
  const { later, turn, due } = createLoop();
  let busy = true;
  const told: string[] = [];
  const patience = createPatience(() => busy, later);
  const [one, other] = ["one", "other"].map((name) => ({ takeAnswers: () => void told.push(name) }));
  if (!one || !other) throw new Error("unreachable");
  patience.wait(one);
  patience.wait(other);
  patience.wait(one);
  turn();
  turn();
  t.deepEqual(told, []);
  t.is(due.length, 1, "it looks once a turn");
  busy = false;
  turn();
  t.deepEqual(told, ["one", "other"]);
  turn();
  t.is(due.length, 0);
});

test("nobody waits longer than somebody else can", (t) => {
  const { later, turn } = createLoop();
  const told: string[] = [];
  const patience = createPatience(() => true, later);
  patience.wait({ takeAnswers: () => void told.push("one") });
  patience.end();
  t.deepEqual(told, ["one"]);
  turn();
  patience.wait({ takeAnswers: () => void told.push("two") });
  t.deepEqual(told, ["one"]);
});

test("who is gone is not told, and nobody looks on its behalf", (t) => {
  const { later, turn, due } = createLoop();
  const patience = createPatience(() => true, later);
  const gone = { takeAnswers: () => t.fail() };
  patience.wait(gone);
  patience.forget(gone);
  turn();
  t.is(due.length, 0);
  patience.end();
});
