// Asks each policy of a chain for its filters and puts everybody's in the one order. Knows no kind of policy.

import type { Any } from "@bufbuild/protobuf/wkt";
import type { EffectivePolicy } from "../../4-view/plan/listeners.ts";
import type { Contribution, FilterPolicy, Site } from "../../kinds/kind.ts";
import { type FilterName, filterOrder, type NetworkFilterName, networkFilterOrder } from "../filter-order.ts";

/** Kinds by the name that effective policies have in `policy`. */
export type Contributors = ReadonlyMap<string, FilterPolicy>;

export interface PlacedFilter<Name> {
  readonly filter: Name;
  readonly name: string;
  readonly config: Any;
}

/** What the policies add at this site. A policy that no contributor knows is a mistake of the caller's, and throws. */
export function contributionsOf(
  policies: readonly EffectivePolicy[],
  site: Site,
  contributors: Contributors,
): readonly Contribution[] {
  return policies.map((policy) => {
    const contributor = contributors.get(policy.policy);
    if (contributor === undefined) throw new Error(`no contributor for policy ${policy.policy}`);
    return contributor.contribute(policy, site);
  });
}

/** Those of one place keep the order in which they were given. */
export function inFilterOrder(
  filters: readonly PlacedFilter<FilterName>[],
): readonly PlacedFilter<FilterName>[] {
  return filterOrder.flatMap((place) => filters.filter(({ filter }) => filter === place));
}

export function inNetworkFilterOrder(
  filters: readonly PlacedFilter<NetworkFilterName>[],
): readonly PlacedFilter<NetworkFilterName>[] {
  return networkFilterOrder.flatMap((place) => filters.filter(({ filter }) => filter === place));
}
