// What Envoy refuses in listeners: above all filter chains of which it could not tell who takes a connection.

import type { CidrRange } from "@envoyproxy/protos-ts/envoy/config/core/v3/address";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import type { FilterChainMatch } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener_components";
import { isIP } from "../../../model/address.ts";
import { networkOf } from "../../../model/network.ts";
import { refusal } from "./refusal.ts";

/** Two chains may not both name the same combination of values, even if their lists differ otherwise. */
const distinctChains = refusal(ListenerSchema, ({ filterChains, filterChainMatcher }, walk) => {
  // With a matcher tree, matches are not used at all.
  if (filterChainMatcher !== undefined) return;
  const owners = new Map<string, string>();
  for (const [index, chain] of filterChains.entries()) {
    const name = chain.name || `number ${index}`;
    const keys = combinations(chain.filterChainMatch);
    const taken = keys.find((key) => owners.has(key));
    if (taken !== undefined) {
      const message = `takes connections that the chain ${owners.get(taken)} takes already`;
      walk.report(message, "filter_chains", index, "filter_chain_match");
    } else if (new Set(keys).size < keys.length) {
      walk.report("names the same connections twice", "filter_chains", index, "filter_chain_match");
    }
    for (const key of keys) if (!owners.has(key)) owners.set(key, name);
  }
});

function combinations(match: FilterChainMatch | undefined): readonly string[] {
  if (match === undefined) return [""];
  const dimensions: readonly (readonly string[])[] = [
    [String(match.destinationPort ?? "")],
    match.prefixRanges.map(range),
    match.serverNames.map((name) => name.toLowerCase()),
    [match.transportProtocol],
    match.applicationProtocols,
    match.directSourcePrefixRanges.map(range),
    [match.sourceType === 0 ? "" : String(match.sourceType)],
    match.sourcePrefixRanges.map(range),
    match.sourcePorts.map(String),
  ];
  const keys = dimensions.reduce<readonly string[]>(
    (done, values) =>
      done.flatMap((prefix) => (values.length === 0 ? [""] : values).map((value) => `${prefix}|${value}`)),
    [""],
  );
  return /^\|*$/.test(keys[0] ?? "") ? [""] : keys;
}

function range({ addressPrefix, prefixLen }: CidrRange): string {
  return networkOf(addressPrefix, prefixLen ?? 0);
}

const serverNames = refusal(ListenerSchema, ({ filterChains }, walk) => {
  for (const [index, { filterChainMatch }] of filterChains.entries()) {
    for (const [nameIndex, name] of (filterChainMatch?.serverNames ?? []).entries()) {
      if (/\*/.test(name.startsWith("*.") ? name.slice(2) : name)) {
        const message = "may have a wildcard only as its whole first label";
        walk.report(message, "filter_chains", index, "filter_chain_match", "server_names", nameIndex);
      }
    }
  }
});

const something = refusal(ListenerSchema, (listener, walk) => {
  const socket = listener.address?.address;
  if (socket?.case === "socketAddress") {
    if (!isIP(socket.value.address)) walk.report("must be an IP address", "address");
    const overUdp = listener.udpListenerConfig !== undefined;
    if (!overUdp && listener.filterChains.length === 0 && listener.defaultFilterChain === undefined) {
      walk.report("must not be empty", "filter_chains");
    }
  }
});

export const listenerRefusals = [distinctChains, serverNames, something];
