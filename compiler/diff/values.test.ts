import type { JsonValue } from "@bufbuild/protobuf";
import test from "ava";
import fc from "fast-check";
import { formatDiffPath } from "./path.ts";
import { diffValues, type ValueChange } from "./values.ts";

function told(before: JsonValue, after: JsonValue): readonly string[] {
  return diffValues(before, after).map(tell);
}

function tell(change: ValueChange): string {
  const path = formatDiffPath(change.path);
  switch (change.kind) {
    case "added":
      return `+ ${path} ${JSON.stringify(change.after)}`;
    case "removed":
      return `- ${path} ${JSON.stringify(change.before)}`;
    case "changed":
      return `${path} ${JSON.stringify(change.before)} → ${JSON.stringify(change.after)}`;
    case "moved":
      return `${path} ${change.from} ⇒ ${change.to}`;
  }
}

test("fields that come, go and change", (t) => {
  t.deepEqual(told({ a: 1, b: { c: "x" }, d: true }, { a: 2, b: { c: "x", e: null }, "f-g": [] }), [
    "a 1 → 2",
    "+ b.e null",
    "- d true",
    '+ ["f-g"] []',
  ]);
});

test("one more route is one change, not one for every route after it", (t) => {
  const route = (name: string) => ({ name, match: { prefix: `/${name}` } });
  t.deepEqual(
    told({ routes: [route("a"), route("b")] }, { routes: [route("new"), route("a"), route("b")] }),
    ['+ routes[new] {"name":"new","match":{"prefix":"/new"}}'],
  );
});

test("routes in another order mean something else", (t) => {
  const routes = ["a", "b", "c"].map((name) => ({ name }));
  const [a, b, c] = routes;
  t.deepEqual(told({ routes }, { routes: [c, a, b] as JsonValue }), ["routes[c] 2 ⇒ 0"]);
});

test("virtual hosts, domains and endpoints in another order do not", (t) => {
  const endpoint = (address: string) => ({
    endpoint: { address: { socketAddress: { address, portValue: 80 } } },
  });
  const hosts = [
    { name: "a", domains: ["x", "y"] },
    { name: "b", domains: [] },
  ];
  const [a, b] = hosts;
  t.deepEqual(
    told(
      { virtualHosts: hosts, endpoints: [{ lbEndpoints: [endpoint("1"), endpoint("2")] }] },
      {
        virtualHosts: [b, { ...a, domains: ["y", "x"] }] as JsonValue,
        endpoints: [{ lbEndpoints: [endpoint("2"), endpoint("1")] }],
      },
    ),
    [],
  );
});

test("endpoints are called by their address, groups of them by their locality", (t) => {
  const endpoint = (address: string, weight: number) => ({
    endpoint: { address: { socketAddress: { address, portValue: 80 } } },
    loadBalancingWeight: weight,
  });
  const group = (...lbEndpoints: JsonValue[]) => [{ locality: { region: "eu", zone: "a" }, lbEndpoints }];
  t.deepEqual(
    told({ endpoints: group(endpoint("10.0.0.1", 1)) }, { endpoints: group(endpoint("10.0.0.1", 2)) }),
    ["endpoints[eu/a].lbEndpoints[10.0.0.1:80].loadBalancingWeight 1 → 2"],
  );
});

test("chains of one name are told apart by what they match", (t) => {
  const chain = (transportProtocol: string, id: number) => ({
    name: "in",
    filterChainMatch: { transportProtocol },
    id,
  });
  const before = [chain("tls", 1), chain("raw_buffer", 1)];
  t.deepEqual(told({ filterChains: before }, { filterChains: [chain("raw_buffer", 2)] }), [
    "filterChains[in (raw_buffer)].id 1 → 2",
    '- filterChains[in (tls)] {"name":"in","filterChainMatch":{"transportProtocol":"tls"},"id":1}',
  ]);
});

test("elements without a name are paired in order after those that are equal", (t) => {
  t.deepEqual(told([{ x: 1 }, { x: 2 }, { x: 3 }], [{ x: 1 }, { x: 9 }, { x: 3 }]), ["[1].x 2 → 9"]);
  t.deepEqual(told([{ x: 1 }], [{ x: 1 }, { x: 1 }]), ['+ [1] {"x":1}']);
});

test("a packed message of another type is another value", (t) => {
  t.deepEqual(told({ "@type": "a", x: 1 }, { "@type": "b", x: 1 }), [
    ' {"@type":"a","x":1} → {"@type":"b","x":1}',
  ]);
});

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;

test("equal values do not differ, and different ones do", (t) => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      const same = JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
      t.deepEqual(diffValues(one, structuredClone(one)), []);
      if (!same) t.true(diffValues(one, other).length > 0, `${JSON.stringify([one, other])}`);
    }),
  );
  t.pass();
});

function canonical(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical(inner)]));
}
