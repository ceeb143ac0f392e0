// What each node asked for on its last stream, so that a stream on which it asks for less can be noticed. Envoy can come
// back after a NACK and a lost connection and never ask for clusters again (envoy#34334, open). Knows names only.

import { typeUrls } from "../cache/resource-types.ts";

/** The types without which a proxy that had them is stuck. */
const essential: readonly string[] = [typeUrls.cluster, typeUrls.listener];
const maxNodes = 20_000;
/** After so many streams in a row that were ended for it, the client is believed to want less. */
const maxStrikes = 3;

export interface ClientMemory {
  /** The essential types that the node had asked for. */
  expects(nodeId: string): readonly string[];
  /** A stream of the node ended, on which it had asked for these types. */
  ended(nodeId: string, asked: readonly string[]): void;
}

/** A memory of the most recent nodes. */
export function createClientMemory(): ClientMemory {
  const nodes = new Map<string, { readonly asked: readonly string[]; readonly strikes: number }>();
  return {
    expects: (nodeId) => nodes.get(nodeId)?.asked ?? [],
    ended(nodeId, askedTypes) {
      const asked = essential.filter((typeUrl) => askedTypes.includes(typeUrl));
      const before = nodes.get(nodeId);
      const lacking = before?.asked.some((typeUrl) => !asked.includes(typeUrl)) ?? false;
      nodes.delete(nodeId);
      if (before && lacking && before.strikes + 1 < maxStrikes) {
        nodes.set(nodeId, { asked: before.asked, strikes: before.strikes + 1 });
      } else nodes.set(nodeId, { asked, strikes: 0 });
      const oldest = nodes.size > maxNodes ? nodes.keys().next() : undefined;
      if (oldest && !oldest.done) nodes.delete(oldest.value);
    },
  };
}
