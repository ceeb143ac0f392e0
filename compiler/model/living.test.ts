import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import test from "ava";
import { Living } from "./living.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const [a, b, c] = [{ id: "a" }, { id: "b" }, { id: "c" }];

test("of each name the newest comes first, and only some are remembered", (t) => {
  const living = new Living<{ readonly id: string }>(2);
  t.deepEqual(living.named("x"), []);
  living.put("x", a);
  living.put("x", b);
  living.put("y", c);
  t.deepEqual(living.named("x"), [b, a]);
  living.put("x", a);
  t.deepEqual(living.named("x"), [a, b]);
  living.put("x", c);
  t.deepEqual(living.named("x"), [c, a]);
  living.put("x", b, c);
  t.deepEqual(living.named("x"), [b, a]);
  t.deepEqual(living.named("y"), [c]);
});

test("what nobody has any more is forgotten, and so are names of which nothing is left", async (t) => {
  const living = new Living<object>(2);
  living.put("kept", a);
  living.put("mixed", b);
  for (let index = 0; index < 100; index++) {
    living.put(`${index}`, { index });
    living.put("mixed", { index });
  }
  const isThere = () =>
    Array.from({ length: 100 }, (_, index) => `${index}`).some((name) => living.named(name)[0]);
  for (let attempt = 0; attempt < 20 && isThere(); attempt++) {
    await turn();
    collect();
  }
  t.false(isThere());
  await turn();
  const more = Array.from({ length: 100 }, (_, index) => ({ index }));
  for (const each of more) living.put(`more ${each.index}`, each);
  t.true(living.size <= 102, `${living.size} names are remembered`);
  t.deepEqual(living.named("kept"), [a]);
  t.is(living.named("more 0")[0], more[0]);
});
