// Filter chains that could take the same connections → chains of which Envoy can tell who takes which: the first keeps what
// it asked for. Envoy refuses the whole listener otherwise.

import { networkOfText } from "../model/network.ts";
import type { ChainMatch, FilterChainPlan } from "./plan/index.ts";

/** In the order given. A chain of which nothing is left is gone; one that is left in pieces becomes several. */
export function separateChains(chains: readonly FilterChainPlan[]): readonly FilterChainPlan[] {
  const taken = new Set<string>();
  const separate: FilterChainPlan[] = [];
  const keep = (plan: FilterChainPlan, match: ChainMatch) => {
    for (const each of combinations(match)) taken.add(each);
    separate.push(match === plan.match ? plan : { ...plan, match });
  };
  const isFree = (match: ChainMatch) => !combinations(match).some((each) => taken.has(each));
  for (const plan of chains) {
    const match = withoutRepeats(plan.match);
    if (isFree(match)) keep(plan, match);
    else {
      for (const part of perRange(match)) {
        const free = withServerNames(part, (name) => isFree({ ...part, serverNames: [name] }));
        if (free && isFree(free)) keep(plan, free);
      }
    }
  }
  return separate;
}

/** Every value of each list with every value of the others, which is what Envoy compares. */
function combinations(match: ChainMatch): readonly string[] {
  const dimensions = [
    match.prefixRanges.map(networkOfText),
    match.serverNames.map((name) => name.toLowerCase()),
    match.applicationProtocols,
    match.sourcePrefixRanges.map(networkOfText),
  ];
  const head = `${match.destinationPort ?? ""}|${match.transportProtocol ?? ""}`;
  return dimensions.reduce<readonly string[]>(
    (done, values) =>
      done.flatMap((prefix) => (values.length === 0 ? [""] : values).map((value) => `${prefix}|${value}`)),
    [head],
  );
}

function withoutRepeats(match: ChainMatch): ChainMatch {
  const unique = {
    prefixRanges: uniqueBy(match.prefixRanges, networkOfText),
    sourcePrefixRanges: uniqueBy(match.sourcePrefixRanges, networkOfText),
    serverNames: uniqueBy(match.serverNames, (name) => name.toLowerCase()),
    applicationProtocols: uniqueBy(match.applicationProtocols, (name) => name),
  };
  const repeats = Object.entries(unique).some(
    ([key, values]) => values.length !== match[key as keyof typeof unique].length,
  );
  return repeats ? { ...match, ...unique } : match;
}

function uniqueBy(values: readonly string[], key: (value: string) => string): readonly string[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}

function perRange(match: ChainMatch): readonly ChainMatch[] {
  if (match.prefixRanges.length < 2) return [match];
  return match.prefixRanges.map((range) => ({ ...match, prefixRanges: [range] }));
}

/** Undefined when none is left of those that there were. */
function withServerNames(match: ChainMatch, holds: (name: string) => boolean): ChainMatch | undefined {
  if (match.serverNames.length === 0) return match;
  const serverNames = match.serverNames.filter(holds);
  return serverNames.length === 0 ? undefined : { ...match, serverNames };
}
