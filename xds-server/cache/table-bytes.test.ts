import { create, fromBinary } from "@bufbuild/protobuf";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import test from "ava";
import { canonicalBinary } from "./canonical.ts";
import { tableBytes } from "./table-bytes.ts";

const hosts = [
  { name: "a", domains: ["a", "a.default"], includeRequestAttemptCount: true },
  { name: "b", domains: ["*"], typedPerFilterConfig: { z: { typeUrl: "t/z" }, a: { typeUrl: "t/a" } } },
];

for (const [title, table] of [
  ["with fields on both sides of its hosts", { name: "8080", virtualHosts: hosts, validateClusters: false }],
  ["without a name", { virtualHosts: hosts, ignorePortInHostMatching: true }],
  ["without hosts", { name: "8080", internalOnlyHeaders: ["x"], maxDirectResponseBodySizeBytes: 5000 }],
  ["with nothing", {}],
] as const) {
  test(`a table ${title} has the bytes that it has when encoded as a whole`, (t) => {
    const message = create(RouteConfigurationSchema, structuredClone(table) as never);
    const bytes = tableBytes(message);
    t.deepEqual(bytes, canonicalBinary(RouteConfigurationSchema, message));
    t.deepEqual(fromBinary(RouteConfigurationSchema, bytes), message);
    t.deepEqual(tableBytes(message), bytes);
  });
}

test("an unchanged host of a changed table keeps its bytes", (t) => {
  const before = create(RouteConfigurationSchema, { name: "8080", virtualHosts: structuredClone(hosts) });
  tableBytes(before);
  const after = create(RouteConfigurationSchema, {
    name: "8081",
    virtualHosts: [...before.virtualHosts].reverse(),
  });
  t.deepEqual(tableBytes(after), canonicalBinary(RouteConfigurationSchema, after));
});
