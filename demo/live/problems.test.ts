import test from "ava";
import { changeWorld, emptyWorld } from "#runtime";
import { problemsIn } from "./problems.ts";

const service = `
apiVersion: v1
kind: Service
metadata: { name: reviews }
spec: { ports: [{ name: http, port: 9080 }] }
---
`;
const rule = (fields: string) => `${service}
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews${fields} } }] }] }
`;

const read = (...texts: readonly string[]) =>
  problemsIn(
    texts.reduce(
      (world, text) => changeWorld(world, { upserted: [{ name: "a.yaml", text }], removed: [] }),
      emptyWorld(),
    ),
  ).map(({ place, consequence }) => [place, consequence]);

test("a good file has no problems", (t) => {
  t.deepEqual(read(rule("")), []);
});

test("a mistake in an object that was good leaves the good one in force", (t) => {
  t.deepEqual(read(rule(""), rule(", subsett: v1")), [
    ["a.yaml:11:76", "the last good version keeps serving"],
  ]);
});

test("so does a syntax error", (t) => {
  t.is(read(rule(""), rule(" ["))[0]?.[1], "the last good version keeps serving");
});

test("an object that never was good has no effect", (t) => {
  t.is(read(rule(", subsett: v1"))[0]?.[1], "it has no effect until that is mended");
});

test("an object that leads nowhere is in force all the same", (t) => {
  const [problem] = read(rule(""), rule(", subset: v1"));
  t.is(problem?.[0], "a.yaml:11:67");
  t.is(problem?.[1], undefined);
});
