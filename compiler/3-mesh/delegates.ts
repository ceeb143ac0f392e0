// Replaces delegating rules by the rules they point at: each pair of matches becomes one that asks for both.

import { changesOf, filterItems, placesBy, replaceItems } from "#immutable";
import { isVisible, valueAt } from "../model/labels.ts";
import type { HttpMatch, NamedMatch, PathMatch, StringMatch } from "../model/match.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { HttpRule, RouteSet } from "../model/routes.ts";

export interface DelegateProblem {
  readonly rule: HttpRule;
  readonly target: string;
  readonly reason: "missing" | "not-visible" | "nested";
}

interface Merged {
  /** Oldest first, as the sets were. */
  readonly routeSets: readonly RouteSet[];
  readonly problems: readonly DelegateProblem[];
  /** The sets as written that were not only there to be delegated to. */
  readonly roots: readonly RouteSet[];
}

const merged = new WeakMap<readonly RouteSet[], Merged>();

/** The sets with delegates merged in. Sets without hosts exist only to be delegated to and are left out. */
export function mergeDelegates(sets: readonly RouteSet[]): Merged {
  return merged.getOrInsertComputed(sets, merge);
}

function merge(sets: readonly RouteSet[]): Merged {
  const roots = withHosts(sets);
  const delegating = new Set(delegatingAmong(roots));
  if (delegating.size === 0) return { routeSets: roots, problems: [], roots };
  const places = placesByKey(sets);
  const find = (key: string): RouteSet | undefined => sets[places.get(key) ?? -1];
  const expansions = [...delegating].map(
    (root) => [root, expandAll(root, ...delegatesOf(root).map(find))] as const,
  );
  const expanded = new Map(expansions);
  const routeSets = roots.map((root) => expanded.get(root)?.set ?? root);
  const problems = expansions.flatMap(([, expansion]) => expansion.problems);
  return { routeSets: afterEarlier(sets, roots, routeSets), problems, roots };
}

const withHosts = filterItems(({ hosts }: RouteSet) => hosts.length > 0);
const delegatingAmong = filterItems(({ http }: RouteSet) => http.some(isDelegating));
const keyOf = ({ namespace, name }: Pick<RouteSet, "namespace" | "name">) => `${namespace}/${name}`;
const placesByKey = placesBy(keyOf);

/** With a lineage where what the sets came from had the same roots, or earlier versions of them. */
function afterEarlier(
  sets: readonly RouteSet[],
  roots: readonly RouteSet[],
  routeSets: readonly RouteSet[],
): readonly RouteSet[] {
  const before = changesOf(sets)?.before;
  const earlier = before && merged.get(before);
  const comesFrom = earlier && (earlier.roots === roots || changesOf(roots)?.before === earlier.roots);
  return comesFrom ? replaceItems(earlier.routeSets, new Map(routeSets.entries())) : routeSets;
}

interface Expansion {
  readonly set: RouteSet;
  readonly problems: readonly DelegateProblem[];
}

/** `delegates` as `delegatesOf` names them; the same ones give the same set. */
const expandAll = memoizeByIdentity(
  (root: RouteSet, ...delegates: readonly (RouteSet | undefined)[]): Expansion => {
    const names = delegatesOf(root);
    const byKey = new Map(names.map((name, index) => [name, delegates[index]]));
    const problems: DelegateProblem[] = [];
    const http = root.http.flatMap((rule) => expand(rule, root, byKey, problems));
    return { set: { ...root, http }, problems };
  },
);

/** Each once. */
function delegatesOf({ http }: RouteSet): readonly string[] {
  return [...new Set(http.flatMap(({ action }) => (action.type === "delegate" ? keyOf(action) : [])))];
}

function isDelegating({ action }: HttpRule): boolean {
  return action.type === "delegate";
}

function expand(
  rule: HttpRule,
  root: RouteSet,
  byKey: ReadonlyMap<string, RouteSet | undefined>,
  problems: DelegateProblem[],
): readonly HttpRule[] {
  if (rule.action.type !== "delegate") return [rule];
  const target = keyOf(rule.action);
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
        target: keyOf(inner.action),
        reason: "nested",
      });
      return [];
    }
    const matches = intersect(rule.matches, inner.matches);
    if (!matches) return [];
    return [inherit(rule, inner, matches)];
  });
}

/**
 * Each of the delegate's matches within each of the root's that it fits into. Undefined: one of them fits into none, for which the rule
 * as a whole does not count (Istio, `delegate`: a match must be a subset of the root's). Empty: every request.
 */
function intersect(
  outer: readonly HttpMatch[],
  inner: readonly HttpMatch[],
): readonly HttpMatch[] | undefined {
  if (outer.length === 0) return inner;
  if (inner.length === 0) return outer;
  const within = inner.map((b) => outer.flatMap((a) => intersectPair(a, b) ?? []));
  return within.some(({ length }) => length === 0) ? undefined : within.flat();
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
    ([key, value]) => (valueAt(inner.sourceLabels, key) ?? value) !== value,
  );
  const isWider =
    labelsDiffer ||
    isAnyWider(asked(outer.headers), asked(inner.headers)) ||
    isAnyWider(outer.query, inner.query) ||
    inner.gateways?.some((gateway) => outer.gateways?.includes(gateway) === false);
  if (parts.includes("never") || isWider) return undefined;
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

/** Those that must be there: of two that must not, both hold. */
function asked(headers: HttpMatch["headers"]): readonly NamedMatch[] {
  return headers.filter(({ invert }) => !invert);
}

/** Of values of one name, an inner one must let nothing pass that an outer one does not. */
function isAnyWider(outer: readonly NamedMatch[], inner: readonly NamedMatch[]): boolean {
  return inner.some(({ name, match }) =>
    outer.some((other) => other.name === name && !isWithin(match, other.match)),
  );
}

function isWithin(inner: StringMatch, outer: StringMatch): boolean {
  if (inner.type === "present") return outer.type === "present";
  return intersectTexts(outer, inner) !== "never";
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

/** What the delegate leaves unsaid, the root says. Headers and mirrors are each said as a whole. */
function inherit(outer: HttpRule, inner: HttpRule, matches: readonly HttpMatch[]): HttpRule {
  const name = [outer.name, inner.name].filter((part) => part !== undefined).join("-");
  return {
    ...outer,
    ...inner,
    ...(name ? { name } : {}),
    matches,
    mirrors: inner.mirrors.length > 0 ? inner.mirrors : outer.mirrors,
    headers: changesHeaders(inner) ? inner.headers : outer.headers,
  };
}

function changesHeaders({ headers }: HttpRule): boolean {
  return [headers.request, headers.response].some(
    ({ set, add, remove }) => set.length + add.length + remove.length > 0,
  );
}
