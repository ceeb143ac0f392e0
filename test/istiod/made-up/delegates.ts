// VirtualServices that leave their requests to others, made up at random with those others.

import fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { list, oneOf, optional, record } from "./arbitraries.ts";
import { exportTo } from "./mesh.ts";
import { actions, onTheWay } from "./routes.ts";

/**
 * Without patterns, presence and case: which of those are within which is a question that Fairlead answers otherwise
 * (docs/differences.md).
 */
const match = (header: string) =>
  record({
    uri: optional(
      oneOf<JsonObject>({ prefix: "/a" }, { prefix: "/a/b" }, { exact: "/a/b" }, { exact: "/c" }),
    ),
    method: optional(
      oneOf("GET", "POST").map((exact) => ({ exact })),
      4,
    ),
    authority: optional(oneOf({ prefix: "rev" }), 6),
    headers: optional(oneOf({ [header]: { exact: "1" } }), 4),
    queryParams: optional(oneOf({ [header]: { exact: "1" } }), 6),
    port: optional(oneOf(80, 9080), 6),
  });
const matches = (header: string) => optional(list(match(header), 1, 2), 1);

const called = oneOf<JsonObject>(
  { name: "d1" },
  { name: "d1", namespace: "default" },
  { name: "d2", namespace: "other" },
  { name: "nobody" },
);
const root = fc
  .tuple(matches("x-root"), called, record(onTheWay))
  .map(([match, delegate, more]) => ({ ...(match && { match }), delegate, ...more }));

const delegated = fc
  .tuple(matches("x-own"), actions)
  .map(([match, action]) => ({ ...(match && { match }), ...action }));

const virtualService = (metadata: JsonObject, spec: fc.Arbitrary<JsonObject>) =>
  spec.map((spec) => ({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata, spec }));

const delegate = (name: string, namespace: string) =>
  virtualService({ name, namespace }, record({ exportTo, http: list(delegated, 1, 2) }));
const delegating = virtualService(
  { name: "root", namespace: "default" },
  record({
    hosts: oneOf(["reviews"], ["ratings.other.svc.cluster.local"], ["www.example.com"]),
    gateways: optional(oneOf(["mesh", "istio-system/gw"])),
    http: list(root, 1, 2),
  }),
);

/** In one world of three. */
export const delegates: fc.Arbitrary<readonly JsonObject[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.tuple(delegating, delegate("d1", "default"), delegate("d2", "other")) },
);
