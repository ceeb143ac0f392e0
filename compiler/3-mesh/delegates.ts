// Replaces delegating rules by the rules they point at: each pair of matches becomes one that asks for both.

import { isVisible } from "../model/labels.ts";
import type { HttpMatch } from "../model/match.ts";
import type { HttpRule, RouteSet } from "../model/routes.ts";

export interface DelegateProblem {
  readonly rule: HttpRule;
  readonly target: string;
  readonly reason: "missing" | "not-visible" | "nested";
}

/** The sets with delegates merged in. Sets without hosts exist only to be delegated to and are left out. */
export function mergeDelegates(sets: readonly RouteSet[]): {
  readonly routeSets: readonly RouteSet[];
  readonly problems: readonly DelegateProblem[];
} {
  const byKey = new Map(sets.map((set) => [`${set.namespace}/${set.name}`, set]));
  const problems: DelegateProblem[] = [];
  const routeSets = sets
    .filter((set) => set.hosts.length > 0)
    .map((set) => {
      if (!set.http.some((rule) => rule.action.type === "delegate")) return set;
      return { ...set, http: set.http.flatMap((rule) => expand(rule, set, byKey, problems)) };
    });
  return { routeSets, problems };
}

function expand(
  rule: HttpRule,
  root: RouteSet,
  byKey: ReadonlyMap<string, RouteSet>,
  problems: DelegateProblem[],
): readonly HttpRule[] {
  if (rule.action.type !== "delegate") return [rule];
  const target = `${rule.action.namespace}/${rule.action.name}`;
  const delegate = byKey.get(target);
  if (!delegate || delegate.hosts.length > 0) {
    problems.push({ rule, target, reason: "missing" });
    return [];
  }
  if (!isVisible(delegate.visibility, root.namespace)) {
    problems.push({ rule, target, reason: "not-visible" });
    return [];
  }
  return delegate.http.flatMap((inner) => {
    if (inner.action.type === "delegate") {
      problems.push({
        rule: inner,
        target: `${inner.action.namespace}/${inner.action.name}`,
        reason: "nested",
      });
      return [];
    }
    const matches = intersect(rule.matches, inner.matches);
    if (!matches) return [];
    return [inherit(rule, inner, matches)];
  });
}

/** Undefined: no request satisfies both. Empty: every request does. */
function intersect(
  outer: readonly HttpMatch[],
  inner: readonly HttpMatch[],
): readonly HttpMatch[] | undefined {
  if (outer.length === 0) return inner;
  if (inner.length === 0) return outer;
  const both = outer.flatMap((a) => inner.flatMap((b) => intersectPair(a, b) ?? []));
  return both.length > 0 ? both : undefined;
}

function intersectPair(outer: HttpMatch, inner: HttpMatch): HttpMatch | undefined {
  const path = intersectPaths(outer.path, inner.path);
  if (path === "never") return undefined;
  const single = <K extends "scheme" | "method" | "authority" | "port" | "sourceNamespace">(key: K) => {
    const a = outer[key];
    const b = inner[key];
    if (a !== undefined && b !== undefined && JSON.stringify(a) !== JSON.stringify(b))
      return "never" as const;
    return b ?? a;
  };
  const scheme = single("scheme");
  const method = single("method");
  const authority = single("authority");
  const port = single("port");
  const sourceNamespace = single("sourceNamespace");
  if ([scheme, method, authority, port, sourceNamespace].includes("never")) return undefined;
  const gateways = inner.gateways ?? outer.gateways;
  const name = [outer.name, inner.name].filter((part) => part !== undefined).join("-");
  const statPrefix = inner.statPrefix ?? outer.statPrefix;
  return {
    ...(name ? { name } : {}),
    ...(path ? { path } : {}),
    ignoreCase: outer.ignoreCase || inner.ignoreCase,
    ...(scheme && scheme !== "never" ? { scheme } : {}),
    ...(method && method !== "never" ? { method } : {}),
    ...(authority && authority !== "never" ? { authority } : {}),
    headers: [...outer.headers, ...inner.headers],
    query: [...outer.query, ...inner.query],
    ...(statPrefix ? { statPrefix } : {}),
    ...(typeof port === "number" ? { port } : {}),
    sourceLabels: { ...outer.sourceLabels, ...inner.sourceLabels },
    ...(sourceNamespace && sourceNamespace !== "never" ? { sourceNamespace } : {}),
    ...(gateways ? { gateways } : {}),
    origin: inner.origin,
  };
}

function intersectPaths(outer: HttpMatch["path"], inner: HttpMatch["path"]): HttpMatch["path"] | "never" {
  if (!outer) return inner;
  if (!inner) return outer;
  // Two regular expressions have no intersection that RE2 could express; Istio refuses the pair as well.
  if (outer.type === "regex" || inner.type === "regex") {
    return outer.type === inner.type && outer.value === inner.value ? inner : "never";
  }
  if (outer.type === "exact") return inner.type === "exact" && inner.value === outer.value ? inner : "never";
  return inner.value.startsWith(outer.value) ? inner : "never";
}

/** What the delegate leaves unsaid, the root says. */
function inherit(outer: HttpRule, inner: HttpRule, matches: readonly HttpMatch[]): HttpRule {
  const join = <T>(a: readonly T[], b: readonly T[]): readonly T[] => [...a, ...b];
  const headers = (side: "request" | "response") => ({
    set: join(outer.headers[side].set, inner.headers[side].set),
    add: join(outer.headers[side].add, inner.headers[side].add),
    remove: join(outer.headers[side].remove, inner.headers[side].remove),
  });
  const name = [outer.name, inner.name].filter((part) => part !== undefined).join("-");
  return {
    ...outer,
    ...inner,
    ...(name ? { name } : {}),
    matches,
    mirrors: inner.mirrors.length > 0 ? inner.mirrors : outer.mirrors,
    headers: { request: headers("request"), response: headers("response") },
  };
}
