// TLS that a gateway does not open. In: the servers of one listener that pass it through, and the route sets bound to them. Out: filter
// chains, so that each SNI value goes to the rule that writes the most specific name for it, as if Envoy saw all names as written.

import { hostCovers } from "../model/host.ts";
import { anyMatch, chain } from "./chains.ts";
import { acceptedNames, type BoundServer, setsBoundTo } from "./gateway-hosts.ts";
import { matchesHere, ruleTerminal, serverNamesFor } from "./l4-routes.ts";
import type { FilterChainPlan } from "./plan/index.ts";
import type { TableContext } from "./virtual-hosts.ts";

/** One match of a rule at one server: its chain but for the names. */
interface Passage {
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
  const claims = passages.flatMap((passage) => passage.claims.map((claim) => ({ passage, ...claim })));
  const byWritten = Map.groupBy(claims, ({ written }) => written);
  const won = new Map<Passage, string[]>();
  for (const name of new Set(claims.flatMap(({ names }) => names))) {
    const winner = patternsOver(name)
      .flatMap((pattern) => byWritten.get(pattern) ?? [])
      .find(({ names }) => names.some((each) => hostCovers(each, name)));
    if (winner) won.getOrInsertComputed(winner.passage, () => []).push(name);
  }
  return passages.flatMap((passage) => chainsFor(passage, won.get(passage) ?? []));
}

/** What covers a name, the most specific first: `a.b`, `*.b`, `*`. */
function patternsOver(name: string): readonly string[] {
  const labels = name.split(".");
  const wildcards = labels.slice(1).map((_, index) => ["*", ...labels.slice(index + 1)].join("."));
  return [...new Set([name, ...wildcards, "*"])];
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

/** Names beside `*` have a chain of their own: in one with it they would be no more specific than anybody's wildcard. */
function chainsFor({ plan }: Passage, names: readonly string[]): readonly FilterChainPlan[] {
  const some = names.filter((name) => name !== "*").sort();
  const serverNames = some.length > 0 ? serverNamesFor(some) : undefined;
  return [
    ...(serverNames ? [{ ...plan, match: { ...plan.match, serverNames } }] : []),
    ...(some.length < names.length ? [plan] : []),
  ];
}
