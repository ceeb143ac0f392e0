// Routes against each other and against gateways: conflicts, and names that lead nowhere.

import type { Diagnostic } from "../../diagnostics/index.ts";
import { hostsOverlap } from "../../model/host.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { RouteSet } from "../../model/routes.ts";
import type { DelegateProblem } from "../delegates.ts";
import type { Mesh } from "../mesh.ts";
import { at, other } from "./report.ts";

type Reads = Pick<Mesh, "routeSets" | "gateways">;

export function checkRoutes(mesh: Reads): readonly Diagnostic[] {
  return [...conflicts(mesh), ...mesh.routeSets.flatMap((set) => checkGateways(mesh, set))];
}

/** Sidecars use one set for a host: a second one never has a say. */
function conflicts(mesh: Reads): readonly Diagnostic[] {
  const claimed = new Map<string, RouteSet>();
  const found: Diagnostic[] = [];
  for (const set of mesh.routeSets) {
    for (const { key, host } of claimsOf(set)) {
      const winner = claimed.get(key);
      if (!winner) claimed.set(key, set);
      else if (winner !== set) found.push(conflict(host, set, winner));
    }
  }
  return found;
}

/** The hosts for which sidecars may use the set, each with whom it is visible to. Asked of every set when one has changed. */
const claimsOf = memoizeByIdentity(({ visibility, gateways, hosts, http }: RouteSet) => {
  if (!gateways.includes("mesh") || http.length === 0) return [];
  const scope = visibility.type === "public" ? "*" : [...visibility.names].sort().join(",");
  return hosts.map((host) => ({ key: `${scope}|${host}`, host }));
});

function conflict(host: string, set: RouteSet, winner: RouteSet): Diagnostic {
  return at(
    "conflicting-routes",
    set.origin,
    `${set.namespace}/${set.name} routes ${host}, but so does ${winner.namespace}/${winner.name}, which counts`,
    other("the one that counts is here", winner.origin),
  );
}

/** Most sets name none but the mesh itself. */
const gatewaysOf = memoizeByIdentity(({ gateways, http }: RouteSet): readonly string[] => {
  const inMatches = http.flatMap((rule) => rule.matches.flatMap((match) => match.gateways ?? []));
  return [...new Set([...gateways, ...inMatches])].filter((key) => key !== "mesh");
});

function checkGateways(mesh: Reads, set: RouteSet): readonly Diagnostic[] {
  return gatewaysOf(set).flatMap((key) => {
    const gateway = mesh.gateways.find((each) => each.key === key);
    if (!gateway) {
      return [
        at("gateway-not-found", set.origin, `no gateway is called ${key}; these routes are not bound to it`),
      ];
    }
    const offered = gateway.servers.flatMap(({ hosts }) => hosts);
    const bound = set.hosts.some((host) =>
      offered.some(
        (each) =>
          (each.namespace === "*" || each.namespace === set.namespace) && hostsOverlap(each.host, host),
      ),
    );
    if (bound) return [];
    return [
      at(
        "ineffective-field",
        set.origin,
        `gateway ${key} serves none of the hosts ${set.hosts.join(", ")}`,
        other("its servers are here", gateway.origin),
      ),
    ];
  });
}

export function describeDelegates(problems: readonly DelegateProblem[]): readonly Diagnostic[] {
  return problems.map((problem) => at("delegate-not-found", problem.rule.origin, delegateText(problem)));
}

function delegateText({ target, reason }: DelegateProblem): string {
  switch (reason) {
    case "missing":
      return `no route set ${target} without hosts can be delegated to`;
    case "not-visible":
      return `${target} is not exported to this namespace`;
    case "nested":
      return `a delegate cannot delegate again (to ${target})`;
  }
}
