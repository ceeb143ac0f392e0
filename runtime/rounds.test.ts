import test from "ava";
import { createRounds } from "./rounds.ts";

function scene(count: number) {
  const everybody = Array.from({ length: count }, (_, index) => index);
  const brought: (readonly [number, number])[] = [];
  const turns: (() => void)[] = [];
  const rounds = createRounds({
    everybody: () => everybody,
    bring: (one, changedAt) => brought.push([one, changedAt]),
    later: (turn) => turns.push(turn),
  });
  return { rounds, brought, turns };
}

test("the first is brought up to date at once, the others in rounds, each once", (t) => {
  const { rounds, brought, turns } = scene(40);
  rounds.begin(7);
  t.deepEqual(brought, [[0, 7]]);
  for (let count = 0; turns.length > 0; count++) {
    t.is(turns.length, 1);
    turns.shift()?.();
    t.true(count < 40);
  }
  t.deepEqual(
    brought.map(([one]) => one),
    Array.from({ length: 40 }, (_, index) => index),
  );
});

test("a further change does not put anybody back, and whoever has had a turn gets another", (t) => {
  const { rounds, brought, turns } = scene(20);
  rounds.begin(1);
  turns.shift()?.();
  rounds.begin(2);
  while (turns.length > 0) turns.shift()?.();
  t.deepEqual(brought.slice(17, 20), [
    [17, 1],
    [18, 1],
    [19, 1],
  ]);
  t.deepEqual(
    brought.slice(20),
    Array.from({ length: 17 }, (_, index) => [index, 2]),
  );
});

test("finishing brings everybody up to date at once, and no round does it again", (t) => {
  const { rounds, brought, turns } = scene(40);
  rounds.begin(1);
  rounds.finish();
  t.is(brought.length, 40);
  while (turns.length > 0) turns.shift()?.();
  t.is(brought.length, 40);
  rounds.begin(2);
  t.is(brought.length, 41);
});

test("whoever is gone has no turn", (t) => {
  const { rounds, brought, turns } = scene(3);
  rounds.begin(1);
  rounds.forget(2);
  while (turns.length > 0) turns.shift()?.();
  t.deepEqual(brought, [
    [0, 1],
    [1, 1],
  ]);
});
