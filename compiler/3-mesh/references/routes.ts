// Routes against each other and against gateways: conflicts, and names that lead nowhere.

import { mapItems } from "#immutable";
import type { Diagnostic } from "../../diagnostics/index.ts";
import { hostsOverlap } from "../../model/host.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { RouteSet } from "../../model/routes.ts";
import type { DelegateProblem } from "../delegates.ts";
import type { Mesh } from "../mesh.ts";
import { at, other } from "./report.ts";

type Reads = Pick<Mesh, "routeSets" | "gateways">;

export function checkRoutes({ routeSets, gateways }: Reads): readonly Diagnostic[] {
  return [...conflicts(routeSets), ...checkGateways(gateways)(routeSets).flat()];
}

/** Sidecars use one set for a host and port: a second one has no say where the first has a route. */
function conflicts(routeSets: readonly RouteSet[]): readonly Diagnostic[] {
  return disputesAmong(claimsOf(routeSets)).flatMap(({ host, loser, winner }) => {
    const [lost, won] = [routeSets[loser], routeSets[winner]];
    return lost && won ? [conflict(host, lost, won)] : [];
  });
}

/** Of each set the hosts for which sidecars may use it, behind whom it is visible to; as a text, which is mostly what it was. */
const claimsOf = mapItems(({ visibility, gateways, hosts, http }: RouteSet): string => {
  if (!gateways.includes("mesh") || http.length === 0) return "";
  const scope = visibility.type === "public" ? "*" : [...visibility.names].sort().join(",");
  return hosts.map((host) => `${scope}|${host}`).join("\n");
});

interface Dispute {
  readonly host: string;
  /** Places of sets. */
  readonly loser: number;
  readonly winner: number;
}

const disputesAmong = memoizeByIdentity((claims: readonly string[]): readonly Dispute[] => {
  const claimed = new Map<string, number>();
  return claims.flatMap((ofSet, place) =>
    (ofSet === "" ? [] : ofSet.split("\n")).flatMap((claim) => {
      const winner = claimed.getOrInsert(claim, place);
      if (winner === place) return [];
      return [{ host: claim.slice(claim.lastIndexOf("|") + 1), loser: place, winner }];
    }),
  );
});

function conflict(host: string, set: RouteSet, winner: RouteSet): Diagnostic {
  return at(
    "conflicting-routes",
    set.origin,
    `${set.namespace}/${set.name} routes ${host}, but so does ${winner.namespace}/${winner.name}, which counts wherever it has a route`,
    other("the one that counts is here", winner.origin),
  );
}

function gatewaysOf({ gateways, http }: RouteSet): readonly string[] {
  const inMatches = http.flatMap((rule) => rule.matches.flatMap((match) => match.gateways ?? []));
  return [...new Set([...gateways, ...inMatches])].filter((key) => key !== "mesh");
}

const checkGateways = memoizeByIdentity((gateways: Reads["gateways"]) =>
  mapItems((set: RouteSet): readonly Diagnostic[] =>
    gatewaysOf(set).flatMap((key) => checkGateway(gateways, key, set)),
  ),
);

function checkGateway(gateways: Reads["gateways"], key: string, set: RouteSet): readonly Diagnostic[] {
  const gateway = gateways.find((each) => each.key === key);
  if (!gateway) {
    return [
      at("gateway-not-found", set.origin, `no gateway is called ${key}; these routes are not bound to it`),
    ];
  }
  const offered = gateway.servers.flatMap(({ hosts }) => hosts);
  const bound = set.hosts.some((host) =>
    offered.some(
      (each) => (each.namespace === "*" || each.namespace === set.namespace) && hostsOverlap(each.host, host),
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
