import test from "ava";
import { createTurns } from "./turns.ts";

const everybody = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Rounds, one at a time. */
function scene() {
  const due: (() => void)[] = [];
  const turns = createTurns((round) => void due.push(round));
  return { turns, due, round: () => due.shift()?.() };
}

test("everybody has one turn, in order, a few in each round", (t) => {
  const { turns, due, round } = scene();
  const had: number[] = [];
  const line = turns.line<number>("change", (one) => had.push(one));
  line.add(everybody(40));
  t.deepEqual(had, [], "none before a round");
  for (let rounds = 0; due.length > 0; rounds += 1) {
    t.is(due.length, 1, "one round is to come at a time");
    const before = had.length;
    round();
    t.true(had.length - before < 20);
    t.true(rounds < 40);
  }
  t.deepEqual(had, everybody(40));
  t.is(line.length, 0);
});

test("who waits keeps its place, and who has had a turn gets another", (t) => {
  const { turns, due, round } = scene();
  const had: number[] = [];
  const line = turns.line<number>("change", (one) => had.push(one));
  line.add(everybody(20));
  line.take(1);
  t.deepEqual(had, [0], "at once where it is asked for");
  line.add(everybody(20));
  while (due.length > 0) round();
  t.deepEqual(had, [0, ...everybody(20).slice(1), 0]);
});

test("a verdict goes before changes that are due already, and those before answers, each in a round of its own", (t) => {
  const { turns, due, round } = scene();
  const had: string[] = [];
  const answers = turns.line<string>("answer", (one) => had.push(one));
  const changes = turns.line<string>("change", (one) => had.push(one));
  const verdicts = turns.line<string>("verdict", (one) => had.push(one));
  answers.add(["answer"]);
  t.false(answers.mustWait());
  changes.add(["change"]);
  t.true(answers.mustWait());
  verdicts.add(["verdict"]);
  round();
  t.deepEqual(had, ["verdict"], "the change comes when what this one is sent has left");
  round();
  t.deepEqual(had, ["verdict", "change"]);
  t.false(answers.mustWait());
  verdicts.add(["another verdict"]);
  t.true(answers.mustWait());
  t.true(changes.mustWait());
  t.false(verdicts.mustWait(), "nothing is more urgent");
  while (due.length > 0) round();
  t.deepEqual(had, ["verdict", "change", "another verdict", "answer"]);
});

test("finishing gives everybody a turn at once, and no round gives another", (t) => {
  const { turns, due, round } = scene();
  const had: number[] = [];
  const [answers, changes, verdicts] = (["answer", "change", "verdict"] as const).map((purpose) =>
    turns.line<number>(purpose, (one) => had.push(one)),
  );
  answers?.add([41]);
  changes?.add(everybody(41).slice(1));
  verdicts?.add([0]);
  turns.finish();
  t.deepEqual(had, everybody(42));
  while (due.length > 0) round();
  t.deepEqual(had, everybody(42));
  changes?.add([0]);
  round();
  t.is(had.length, 43);
});

test("whoever is gone has no turn, and no round is held for nobody", (t) => {
  const { turns, due, round } = scene();
  const line = turns.line<number>("answer", () => t.fail());
  line.add([1]);
  line.forget(1);
  round();
  t.is(due.length, 0);
  turns.finish();
});

test("a turn may put the same one in line again, for a later round", (t) => {
  const { turns, due, round } = scene();
  let count = 0;
  const line = turns.line<number>("answer", (one) => {
    count += 1;
    if (count < 3) line.add([one]);
  });
  line.add([1]);
  round();
  t.is(count, 1);
  while (due.length > 0) round();
  t.is(count, 3);
});
