// TLS that a gateway does not open. In: the servers of one listener that pass it through, and the route sets bound to them. Out: filter
// chains, so that each SNI value goes to the rule that writes the most specific name for it, as if Envoy saw all names as written.

import { compareSpecificity, hostCovers } from "../model/host.ts";
import { anyMatch, chain } from "./chains.ts";
import { acceptedNames, type BoundServer, setsBoundTo } from "./gateway-hosts.ts";
import { matchesHere, ruleTerminal, serverNamesFor } from "./l4-routes.ts";
import type { FilterChainPlan } from "./plan/index.ts";
import type { TableContext } from "./virtual-hosts.ts";

/** One match of a rule at one server. */
interface Passage {
  /** Its chain but for the names. */
  readonly plan: FilterChainPlan;
  readonly claims: readonly Claim[];
}

/** A name as a rule writes it, and what of it the server offers. */
interface Claim {
  readonly written: string;
  readonly names: readonly string[];
}

export function passthroughChains(
  context: TableContext,
  servers: readonly BoundServer[],
): readonly FilterChainPlan[] {
  const passages = servers.flatMap((bound) => passagesAt(context, bound));
  const won = new Map<Passage, string[]>();
  const names = new Set(passages.flatMap(({ claims }) => claims.flatMap((claim) => claim.names)));
  for (const name of names) {
    const winner = winnerOf(name, passages);
    if (winner) won.getOrInsertComputed(winner, () => []).push(name);
  }
  return passages.flatMap((passage) => chainsFor(passage, won.get(passage) ?? []));
}

function passagesAt(context: TableContext, bound: BoundServer): readonly Passage[] {
  const { gateway, server } = bound;
  const site = { gateway: gateway.key, port: server.port.number };
  return setsBoundTo(context, bound).flatMap((set) =>
    set.tls.flatMap((rule) =>
      matchesHere(context, set, rule.matches, site).map(({ sniHosts }) => ({
        plan: chain(
          sniHosts.join(","),
          { ...anyMatch, transportProtocol: "tls" },
          ruleTerminal(context, rule, server.port.number),
          [gateway.origin, set.origin, rule.origin],
        ),
        claims: sniHosts.map((written) => ({ written, names: acceptedNames(bound, set, [written]) })),
      })),
    ),
  );
}

/** Of equally specific ones the first. */
function winnerOf(name: string, passages: readonly Passage[]): Passage | undefined {
  let best: { readonly passage: Passage; readonly written: string } | undefined;
  for (const passage of passages) {
    for (const { written, names } of passage.claims) {
      if (!hostCovers(written, name) || !names.some((each) => hostCovers(each, name))) continue;
      if (!best || compareSpecificity(written, best.written) < 0) best = { passage, written };
    }
  }
  return best?.passage;
}

/** Names beside `*` have a chain of their own: in one with it they would be no more specific than anybody's wildcard. */
function chainsFor({ plan }: Passage, names: readonly string[]): readonly FilterChainPlan[] {
  const some = names.filter((name) => name !== "*").sort();
  const serverNames = some.length > 0 ? serverNamesFor(some) : undefined;
  return [
    ...(serverNames ? [{ ...plan, match: { ...plan.match, serverNames } }] : []),
    ...(some.length < names.length ? [plan] : []),
  ];
}
