// What of a request picks its endpoint under consistent hashing: our HashKey as Envoy's HashPolicy.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  RouteAction_HashPolicy_ConnectionPropertiesSchema as ConnectionPropertiesSchema,
  RouteAction_HashPolicy_CookieAttributeSchema as CookieAttributeSchema,
  RouteAction_HashPolicy_CookieSchema as CookieSchema,
  type RouteAction_HashPolicy as HashPolicy,
  RouteAction_HashPolicySchema as HashPolicySchema,
  RouteAction_HashPolicy_HeaderSchema as HeaderSchema,
  RouteAction_HashPolicy_QueryParameterSchema as QueryParameterSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { HashKey } from "../../model/destination.ts";

export function hashPolicy(key: HashKey): HashPolicy {
  return create(HashPolicySchema, { policySpecifier: policySpecifier(key) });
}

function policySpecifier(key: HashKey): HashPolicy["policySpecifier"] {
  switch (key.type) {
    case "header":
      return { case: "header", value: create(HeaderSchema, { headerName: key.name }) };
    case "cookie":
      return {
        case: "cookie",
        value: create(CookieSchema, {
          name: key.name,
          path: key.path,
          // Present but 0 is a session cookie; absent, Envoy only reads what the client sends.
          ...(key.ttlMs !== undefined && { ttl: durationFromMs(key.ttlMs) }),
          attributes: key.attributes.map(({ name, value }) => create(CookieAttributeSchema, { name, value })),
        }),
      };
    case "source-ip":
      return { case: "connectionProperties", value: create(ConnectionPropertiesSchema, { sourceIp: true }) };
    case "query-parameter":
      return { case: "queryParameter", value: create(QueryParameterSchema, { name: key.name }) };
  }
}
