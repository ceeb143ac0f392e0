import test from "ava";
import { currentParts, keyOf } from "./key.ts";

test("a key depends on every part, on its name and its value, and not on their order", (t) => {
  const key = keyOf({ a: "1", b: "2" });
  t.is(keyOf({ b: "2", a: "1" }), key);
  t.not(keyOf({ a: "1", b: "3" }), key);
  t.not(keyOf({ a: "1" }), key);
  t.not(keyOf({ a: "2", b: "1" }), key);
});

test("the binary, the scan, the generator and its configuration are all parts; tests are not", (t) => {
  const names = Object.keys(currentParts("00"));
  for (const name of [
    "envoy",
    "buf.gen.yaml",
    "plugin",
    "protos/scan/find-files.ts",
    "setup/types/generate.ts",
  ]) {
    t.true(names.includes(name), name);
  }
  t.false(names.some((name) => name.endsWith(".test.ts")));
});
