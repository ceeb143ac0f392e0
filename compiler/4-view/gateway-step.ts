// What a small step of the mesh does to the route tables of a gateway, found without looking at the other routes. In: the step, and
// the tables before it. Out: what planning anew would give; undefined where the step might reach further than it says.

import { replaceItems } from "#immutable";
import type { Client } from "./client.ts";
import type { GatewayTables } from "./gateway.ts";
import { hostsTakenFrom, replanHosts } from "./gateway-hosts.ts";
import { stepImports } from "./imports-step.ts";
import { setsLeadingTo } from "./leading-routes.ts";
import type { RouteTablePlan } from "./plan/index.ts";
import type { Stride } from "./stepwise.ts";
import type { TableContext } from "./virtual-hosts.ts";

/** `servers` are those of the tables, before the step and after it. */
export function stepGatewayTables(
  stride: Stride,
  client: Client,
  servers: GatewayTables,
  tables: readonly RouteTablePlan[],
): readonly RouteTablePlan[] | undefined {
  const imports = stepImports(stride, client);
  if (!imports) return undefined;
  const { after, step } = stride;
  const { is, moved } = imports;
  if (step.policies.size + step.routeSets.length + moved.size === 0) return tables;
  // Under other names a destination is not the host that a policy is for.
  if (is.aliases.size > 0) return undefined;
  const context: TableContext = { mesh: after, client, imports: is, outbound: after.config.outboundPolicy };
  const sets = [...step.routeSets, ...setsLeadingTo(after.routeSets, step.policies.union(moved))];
  const changed = new Map<number, RouteTablePlan>();
  for (const [place, table] of tables.entries()) {
    const bound = servers.get(table.name) ?? [];
    const hosts = new Set(bound.flatMap((each) => sets.flatMap((set) => hostsTakenFrom(context, each, set))));
    if (hosts.size > 0) changed.set(place, replanHosts(context, table, bound, hosts));
  }
  return replaceItems(tables, changed);
}
