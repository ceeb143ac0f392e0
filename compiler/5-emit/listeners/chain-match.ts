// Which connections a filter chain takes: our ChainMatch as Envoy's FilterChainMatch.

import { create } from "@bufbuild/protobuf";
import {
  type FilterChainMatch,
  FilterChainMatchSchema,
} from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener_components";
import type { ChainMatch } from "../../4-view/plan/listeners.ts";
import { cidrRange } from "./addresses.ts";

/** Undefined when nothing is asked of a connection. Order within a list has no meaning to Envoy, so lists are sorted. */
export function chainMatch(match: ChainMatch): FilterChainMatch | undefined {
  const asksNothing =
    match.destinationPort === undefined &&
    match.transportProtocol === undefined &&
    match.prefixRanges.length === 0 &&
    match.sourcePrefixRanges.length === 0 &&
    match.serverNames.length === 0 &&
    match.applicationProtocols.length === 0;
  if (asksNothing) return undefined;
  return create(FilterChainMatchSchema, {
    ...(match.destinationPort !== undefined && { destinationPort: match.destinationPort }),
    prefixRanges: match.prefixRanges.toSorted().map(cidrRange),
    sourcePrefixRanges: match.sourcePrefixRanges.toSorted().map(cidrRange),
    serverNames: match.serverNames.toSorted(),
    transportProtocol: match.transportProtocol ?? "",
    applicationProtocols: match.applicationProtocols.toSorted(),
  });
}
