import test from "ava";
import { objectsOf, placesOf, shorten } from "./places.ts";

const origin = (name: string, line: number, namespace = "shop") => ({
  kind: "VirtualService",
  namespace,
  name,
  position: { file: "a.yaml", line, column: 1 },
});

test("each place and object is named once", (t) => {
  const origins = [origin("a", 3), origin("a", 3), origin("a", 5), origin("b", 9, "")];
  t.deepEqual(placesOf(origins), ["a.yaml:3", "a.yaml:5", "a.yaml:9"]);
  t.deepEqual(objectsOf(origins), [
    "VirtualService shop/a a.yaml:3",
    "VirtualService shop/a a.yaml:5",
    "VirtualService b a.yaml:9",
  ]);
});

test("a long list says how long it is", (t) => {
  const list = (length: number) => Array.from({ length }, (_, index) => `a.yaml:${index}`);
  t.deepEqual(shorten(list(5)), list(5));
  t.deepEqual(shorten(list(12)), [...list(5), "and 7 more"]);
});
