import test from "ava";
import { typeUrls } from "../cache/resource-types.ts";
import { createClientMemory } from "./client-memory.ts";

const all = [typeUrls.cluster, typeUrls.listener, typeUrls.secret];

test("a node is expected to ask again for clusters and listeners", (t) => {
  const memory = createClientMemory();
  t.deepEqual(memory.expects("a"), []);
  memory.ended("a", all);
  t.deepEqual(memory.expects("a"), [typeUrls.cluster, typeUrls.listener]);
  t.deepEqual(memory.expects("b"), []);
});

test("a node that keeps asking for less is believed after three streams", (t) => {
  const memory = createClientMemory();
  memory.ended("a", all);
  memory.ended("a", [typeUrls.listener]);
  memory.ended("a", [typeUrls.listener]);
  t.deepEqual(memory.expects("a"), [typeUrls.cluster, typeUrls.listener]);
  memory.ended("a", [typeUrls.listener]);
  t.deepEqual(memory.expects("a"), [typeUrls.listener]);
});

test("asking for all again makes good", (t) => {
  const memory = createClientMemory();
  for (const asked of [all, [typeUrls.listener], all, [typeUrls.listener]]) memory.ended("a", asked);
  t.deepEqual(memory.expects("a"), [typeUrls.cluster, typeUrls.listener]);
});
