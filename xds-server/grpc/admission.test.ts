import test from "ava";
import { createAdmission } from "./admission.ts";

test("a burst goes through at once, and more is held and not refused", async (t) => {
  let time = 0;
  const admit = createAdmission(20, () => time);
  const admitted: number[] = [];
  const all = Array.from({ length: 25 }, (_, index) => admit().then(() => admitted.push(index)));
  await Promise.resolve();
  await Promise.resolve();
  t.is(admitted.length, 20);
  time = 250;
  await Promise.all(all);
  t.deepEqual(admitted, [...Array(25).keys()]);
});

test("quiet seconds save up no more than one burst", async (t) => {
  let time = 0;
  const admit = createAdmission(10, () => time);
  time = 60_000;
  let passed = 0;
  const all = Array.from({ length: 12 }, () => admit().then(() => passed++));
  await Promise.resolve();
  await Promise.resolve();
  t.is(passed, 10);
  await Promise.all(all);
});
