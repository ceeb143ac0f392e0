// Routes against each other and against gateways: conflicts, rules that nothing reaches, names that lead nowhere.

import type { Diagnostic } from "../../diagnostics/index.ts";
import { hostsOverlap } from "../../model/host.ts";
import type { HttpMatch } from "../../model/match.ts";
import type { Origin } from "../../model/origin.ts";
import type { HttpRule, RouteSet } from "../../model/routes.ts";
import type { DelegateProblem } from "../delegates.ts";
import type { Mesh } from "../mesh.ts";
import { at, other } from "./report.ts";

export function checkRoutes(mesh: Mesh): readonly Diagnostic[] {
  return [
    ...conflicts(mesh),
    ...mesh.routeSets.flatMap((set) => [...checkGateways(mesh, set), ...unreachable(set.http)]),
  ];
}

/** Sidecars use one set for a host: a second one never has a say. */
function conflicts(mesh: Mesh): readonly Diagnostic[] {
  const claimed = new Map<string, RouteSet>();
  const found: Diagnostic[] = [];
  for (const set of mesh.routeSets) {
    if (!set.gateways.includes("mesh") || set.http.length === 0) continue;
    const scope = set.visibility.type === "public" ? "*" : [...set.visibility.names].sort().join(",");
    for (const host of set.hosts) {
      const key = `${scope}|${host}`;
      const winner = claimed.get(key);
      if (!winner) claimed.set(key, set);
      else if (winner !== set) found.push(conflict(host, set, winner));
    }
  }
  return found;
}

function conflict(host: string, set: RouteSet, winner: RouteSet): Diagnostic {
  return at(
    "conflicting-routes",
    set.origin,
    `${set.namespace}/${set.name} routes ${host}, but so does ${winner.namespace}/${winner.name}, which counts`,
    other("the one that counts is here", winner.origin),
  );
}

function checkGateways(mesh: Mesh, set: RouteSet): readonly Diagnostic[] {
  const named = new Set([
    ...set.gateways,
    ...set.http.flatMap((rule) => rule.matches.flatMap((match) => match.gateways ?? [])),
  ]);
  return [...named].flatMap((key) => {
    if (key === "mesh") return [];
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

/** A rule after one that takes every request at the same places. */
function unreachable(rules: readonly HttpRule[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  let taker: Origin | undefined;
  for (const rule of rules) {
    if (taker) {
      found.push(
        at(
          "unreachable-route",
          rule.origin,
          "no request reaches this rule",
          other("an earlier rule takes every request", taker),
        ),
      );
      continue;
    }
    if (rule.matches.length === 0 || rule.matches.some(takesAllEverywhere)) taker = rule.origin;
  }
  return found;
}

function takesAllEverywhere(match: HttpMatch): boolean {
  const { path, scheme, method, authority, headers, query, port, sourceLabels, sourceNamespace, gateways } =
    match;
  if (scheme || method || authority || port !== undefined || sourceNamespace !== undefined || gateways)
    return false;
  if (headers.length > 0 || query.length > 0 || Object.keys(sourceLabels).length > 0) return false;
  return !path || ((path.type === "prefix" || path.type === "path-prefix") && path.value === "/");
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
