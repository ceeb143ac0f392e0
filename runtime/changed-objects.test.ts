import test from "ava";
import { defaultMeshConfig, keepLastGood, type ReadFile, readFile } from "#compiler";
import { changedObjects } from "./changed-objects.ts";

const service = (name: string, port: number | string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ name: http, port: ${port} }] }
`;
const read = (name: string, ...texts: readonly string[]) =>
  readFile({ name, text: texts.join("---\n") }, defaultMeshConfig);
const world = (...files: readonly ReadFile[]) => files;
const events = (before: readonly ReadFile[], after: readonly ReadFile[]) =>
  changedObjects(before, after).changed.map(({ kind, event }) => `${event} ${kind}`);

test("objects come, change and go; one that only moved in its file does not", (t) => {
  const before = world(read("a", service("one", 1), service("two", 2), service("three", 3)));
  const after = world(
    read("a", "# a comment\n", service("three", 3), service("two", 22), service("four", 4)),
  );
  t.deepEqual(events(before, after).sort(), ["add Service", "delete Service", "update Service"]);
  t.deepEqual(events(before, before), []);
});

test("an object that moved to another file has not changed", (t) => {
  const before = world(read("a", service("one", 1)), read("b", service("two", 2)));
  const after = world(read("b", service("two", 2), service("one", 1)));
  t.deepEqual(events(before, after), []);
});

test("what is refused is no change, whether or not an older version stays in force", (t) => {
  const good = read("a", service("one", 1));
  const bad = keepLastGood(good, read("a", service("one", "none"), service("new", "none")));
  const { changed, refused, unreadable } = changedObjects(world(good), world(bad));
  t.deepEqual(changed, []);
  t.deepEqual(refused, Array(2).fill({ group: "", version: "v1", kind: "Service" }));
  t.is(unreadable, 0);
  const broken = keepLastGood(good, read("a", "a: [\n"));
  t.is(changedObjects(world(good), world(broken)).unreadable, 1);
});
