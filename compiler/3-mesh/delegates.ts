// Replaces delegating rules by the rules they point at: each pair of matches becomes one that asks for both.

import { isVisible } from "../model/labels.ts";
import type { HttpMatch, PathMatch, StringMatch } from "../model/match.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { HttpRule, RouteSet } from "../model/routes.ts";

export interface DelegateProblem {
  readonly rule: HttpRule;
  readonly target: string;
  readonly reason: "missing" | "not-visible" | "nested";
}

interface Merged {
  readonly routeSets: readonly RouteSet[];
  readonly problems: readonly DelegateProblem[];
}

/** The sets with delegates merged in. Sets without hosts exist only to be delegated to and are left out. */
export const mergeDelegates = memoizeByIdentity((sets: readonly RouteSet[]): Merged => {
  // Asked anew whenever one of thousands has changed.
  if (!sets.some(takesPart)) return { routeSets: sets, problems: [] };
  const byKey = new Map(sets.map((set) => [`${set.namespace}/${set.name}`, set]));
  const problems: DelegateProblem[] = [];
  const routeSets = sets
    .filter((set) => set.hosts.length > 0)
    .map((set) => {
      if (!set.http.some(isDelegating)) return set;
      return { ...set, http: set.http.flatMap((rule) => expand(rule, set, byKey, problems)) };
    });
  return { routeSets, problems };
});

/** It delegates, or exists only to be delegated to. */
const takesPart = memoizeByIdentity(
  ({ hosts, http }: RouteSet): boolean => hosts.length === 0 || http.some(isDelegating),
);

function isDelegating({ action }: HttpRule): boolean {
  return action.type === "delegate";
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
  const path = intersectPaths(outer, inner);
  const scheme = intersectTexts(outer.scheme, inner.scheme);
  const method = intersectTexts(outer.method, inner.method);
  const authority = intersectTexts(outer.authority, inner.authority);
  const port = same(outer.port, inner.port);
  const sourceNamespace = same(outer.sourceNamespace, inner.sourceNamespace);
  const parts = [path, scheme, method, authority, port, sourceNamespace];
  const labelsDiffer = Object.entries(outer.sourceLabels).some(
    ([key, value]) => (inner.sourceLabels[key] ?? value) !== value,
  );
  if (parts.includes("never") || labelsDiffer) return undefined;
  const gateways = inner.gateways ?? outer.gateways;
  const name = [outer.name, inner.name].filter((part) => part !== undefined).join("-");
  const statPrefix = inner.statPrefix ?? outer.statPrefix;
  return {
    ...(name ? { name } : {}),
    ...(path && path !== "never" ? { path } : {}),
    ignoreCase: inner.path ? inner.ignoreCase : outer.ignoreCase,
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

function same<T extends string | number>(a: T | undefined, b: T | undefined): T | "never" | undefined {
  return a === undefined || b === undefined || a === b ? (b ?? a) : "never";
}

/** Two tests of a path that disagree about case have no intersection that one Envoy match could express. */
function intersectPaths(outer: HttpMatch, inner: HttpMatch): HttpMatch["path"] | "never" {
  if (!outer.path || !inner.path) return inner.path ?? outer.path;
  if (outer.ignoreCase !== inner.ignoreCase) return "never";
  return intersectTexts(outer.path, inner.path);
}

/** What both let pass, if one of them says it all: the inner one, which may only narrow the outer. */
function intersectTexts<T extends StringMatch | PathMatch>(
  outer: T | undefined,
  inner: T | undefined,
): T | "never" | undefined {
  if (!outer || !inner || outer.type === "present") return inner ?? outer;
  if (inner.type === "present") return outer;
  if (outer.type === inner.type && outer.value === inner.value) return inner;
  const narrows =
    (outer.type === "prefix" &&
      (inner.type === "exact" || inner.type === "prefix") &&
      inner.value.startsWith(outer.value)) ||
    (outer.type === "suffix" && inner.type === "exact" && inner.value.endsWith(outer.value));
  return narrows ? inner : "never";
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
