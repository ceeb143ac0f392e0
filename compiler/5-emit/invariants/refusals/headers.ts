// What Envoy refuses in the header changes of routes.

import type { HeaderValueOption } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import {
  RouteSchema,
  VirtualHostSchema,
  WeightedCluster_ClusterWeightSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { Walk } from "../violation.ts";
import { refusal } from "./refusal.ts";

interface HeaderChanges {
  readonly requestHeadersToAdd: readonly HeaderValueOption[];
  readonly requestHeadersToRemove: readonly string[];
  readonly responseHeadersToAdd: readonly HeaderValueOption[];
  readonly responseHeadersToRemove: readonly string[];
}

/** `%%`, `%NAME%`, `%NAME(argument):length%`. Whether Envoy knows the name is not checked. */
const command = /%(?:%|[A-Z0-9_]+(?:\(.*?\))?(?::\d+)?%)/gs;

function checkChanges(changes: HeaderChanges, walk: Walk): void {
  checkAdded(changes.requestHeadersToAdd, "request_headers_to_add", walk);
  checkAdded(changes.responseHeadersToAdd, "response_headers_to_add", walk);
  checkRemoved(changes.requestHeadersToRemove, "request_headers_to_remove", walk);
  checkRemoved(changes.responseHeadersToRemove, "response_headers_to_remove", walk);
}

function checkAdded(options: readonly HeaderValueOption[], field: string, walk: Walk): void {
  for (const [index, { header }] of options.entries()) {
    if (header === undefined) continue;
    if (isReserved(header.key))
      walk.report("may be neither `host` nor begin with `:`", field, index, "header", "key");
    if (header.value.includes("%") && header.value.replace(command, "").includes("%")) {
      const message = "has a `%` that begins no format command; a literal one is written `%%`";
      walk.report(message, field, index, "header", "value");
    }
  }
}

function checkRemoved(names: readonly string[], field: string, walk: Walk): void {
  for (const [index, name] of names.entries()) {
    if (isReserved(name)) walk.report("may be neither `host` nor begin with `:`", field, index);
  }
}

function isReserved(name: string): boolean {
  return name.startsWith(":") || name.toLowerCase() === "host";
}

export const headerRefusals = [
  refusal(RouteConfigurationSchema, checkChanges),
  refusal(VirtualHostSchema, checkChanges),
  refusal(RouteSchema, checkChanges),
  refusal(WeightedCluster_ClusterWeightSchema, checkChanges),
];
