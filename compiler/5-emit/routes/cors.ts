// Who may call from another origin: our Cors as the CORS filter's per-route configuration.

import { create } from "@bufbuild/protobuf";
import {
  type CorsPolicy,
  CorsPolicySchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/http/cors/v3/cors";
import type { Cors } from "../../model/routes.ts";
import { runtimeFraction } from "../percentage.ts";
import { stringMatcher } from "../string-matcher.ts";

export function corsPolicy(cors: Cors): CorsPolicy {
  return create(CorsPolicySchema, {
    allowOriginStringMatch: cors.allowOrigins.map(stringMatcher),
    allowMethods: cors.allowMethods.join(","),
    allowHeaders: cors.allowHeaders.join(","),
    exposeHeaders: cors.exposeHeaders.join(","),
    ...(cors.maxAgeMs !== undefined && { maxAge: String(Math.trunc(cors.maxAgeMs / 1000)) }),
    ...(cors.allowCredentials !== undefined && { allowCredentials: cors.allowCredentials }),
    filterEnabled: runtimeFraction(100),
    // Always written: Envoy's own default is not Istio's word for it.
    forwardNotMatchingPreflights: cors.unmatchedPreflights === "forward",
  });
}
