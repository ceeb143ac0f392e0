import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import test from "ava";
import { canonicalBinary } from "./canonical.ts";

const any = (value: string) => anyPack(StringValueSchema, create(StringValueSchema, { value }));

function routeWith(keys: readonly string[]) {
  return create(RouteConfigurationSchema, {
    name: "r",
    virtualHosts: [
      {
        name: "v",
        domains: ["*"],
        routes: [{ typedPerFilterConfig: Object.fromEntries(keys.map((key) => [key, any(key)])) }],
      },
    ],
  });
}

test("the order in which a map was filled does not show, however deep it lies", (t) => {
  const one = canonicalBinary(RouteConfigurationSchema, routeWith(["b", "a", "c"]));
  const other = canonicalBinary(RouteConfigurationSchema, routeWith(["c", "b", "a"]));
  t.deepEqual(one, other);
  t.notDeepEqual(
    toBinary(RouteConfigurationSchema, routeWith(["b", "a", "c"])),
    toBinary(RouteConfigurationSchema, routeWith(["c", "b", "a"])),
  );
});

test("maps of structs are sorted inside and out", (t) => {
  const withMetadata = (metadata: Record<string, Record<string, string | { [key: string]: number }>>) =>
    canonicalBinary(
      ClusterSchema,
      create(ClusterSchema, { name: "c", metadata: { filterMetadata: metadata } }),
    );
  t.deepEqual(
    withMetadata({ istio: { a: "1", deep: { x: 1, y: 2 } }, envoy: { lb: "l" } }),
    withMetadata({ envoy: { lb: "l" }, istio: { deep: { y: 2, x: 1 }, a: "1" } }),
  );
});

test("the meaning is kept and the message is left alone", (t) => {
  const message = routeWith(["b", "a"]);
  const before = structuredClone(Object.keys(message.virtualHosts[0]?.routes[0]?.typedPerFilterConfig ?? {}));
  const again = fromBinary(RouteConfigurationSchema, canonicalBinary(RouteConfigurationSchema, message));
  t.deepEqual(Object.keys(again.virtualHosts[0]?.routes[0]?.typedPerFilterConfig ?? {}), ["a", "b"]);
  t.deepEqual(Object.keys(message.virtualHosts[0]?.routes[0]?.typedPerFilterConfig ?? {}), before);
  t.deepEqual(before, ["b", "a"]);
});

test("a map inside the chosen member of a oneof is reached", (t) => {
  const typed = (keys: readonly string[]) =>
    canonicalBinary(
      ClusterSchema,
      create(ClusterSchema, {
        name: "c",
        lbSubsetConfig: { defaultSubset: Object.fromEntries(keys.map((key) => [key, key])) },
      }),
    );
  t.deepEqual(typed(["z", "y"]), typed(["y", "z"]));
});
