// What a changed listener costs: Envoy replaces it and closes its connections, unless only filter chains differ.

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** What is closed, after Envoy's drain time. */
export type Drain =
  /** All connections of the listener. `why`: the fields that cannot be changed in place. */
  | { readonly kind: "listener"; readonly listener: string; readonly why: readonly string[] }
  /** Only the connections that these chains have taken; the socket stays open. */
  | { readonly kind: "filter-chains"; readonly listener: string; readonly chains: readonly string[] };

// ListenerMessageUtil::filterChainOnlyChange in Envoy's listener_impl.cc leaves these out of its comparison.
const inPlace = new Set(["filterChains", "defaultFilterChain", "filterChainMatcher"]);

/** For two versions of one listener that differ; undefined when Envoy can take the new one without closing anything. */
export function drainOf(name: string, before: JsonObject, after: JsonObject): Drain | undefined {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const why = fields.filter((field) => !inPlace.has(field) && !same(before[field], after[field]));
  if (why.length > 0) return { kind: "listener", listener: name, why };
  // A TCP listener without chains is always set up anew (ListenerImpl::supportUpdateFilterChain).
  if (chainsOf(after).length === 0) return { kind: "listener", listener: name, why: ["filterChains"] };
  const kept = new Set(chainsOf(after).map((chain) => JSON.stringify(chain)));
  const chains = chainsOf(before)
    .filter((chain) => !kept.has(JSON.stringify(chain)))
    .map(nameOf);
  if (before.defaultFilterChain !== undefined && !same(before.defaultFilterChain, after.defaultFilterChain)) {
    chains.push("the default chain");
  }
  return chains.length === 0 ? undefined : { kind: "filter-chains", listener: name, chains };
}

function chainsOf(listener: JsonObject): readonly JsonValue[] {
  return Array.isArray(listener.filterChains) ? listener.filterChains : [];
}

function nameOf(chain: JsonValue): string {
  const name = typeof chain === "object" && chain !== null && !Array.isArray(chain) ? chain.name : undefined;
  return typeof name === "string" && name !== "" ? name : "an unnamed chain";
}

function same(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
