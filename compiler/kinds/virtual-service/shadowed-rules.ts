// Rules that no request can reach, because an earlier rule of the same object takes all of them.

import type { HttpMatch, PathMatch } from "../../model/match.ts";
import type { HttpRule } from "../../model/routes.ts";
import { at, type Place, readItems } from "../shared/place.ts";

/** One match that decides about its requests: nothing after it sees them. */
interface Taker {
  readonly rule: number;
  readonly line: number;
  /** Undefined: every request. */
  readonly match: HttpMatch | undefined;
}

/** Warns of matches that an earlier one covers. `rules` are those decoded from the list at `place`. */
export function reportShadowedRules(place: Place, rules: readonly HttpRule[]): void {
  const items = readItems(place);
  // A rule that could not be decoded has left a gap, so that numbers no longer agree; the error comes first anyway.
  if (items.length !== rules.length) return;
  const takers: Taker[] = [];
  for (const [index, rule] of rules.entries()) {
    const item = items[index];
    if (item === undefined) return;
    const matches = rule.matches.length === 0 ? [undefined] : rule.matches;
    const matchItems = readItems(at(item, "match"));
    for (const [number, match] of matches.entries()) {
      const taker = takers.find((one) => covers(one.match, match));
      if (taker !== undefined) reportShadowed(matchItems[number] ?? item, taker, index);
      // What is delegated may take only a part of what it gets.
      if (rule.action.type !== "delegate") takers.push({ rule: index, line: lineOf(rule, match), match });
    }
  }
}

function reportShadowed(place: Place, taker: Taker, rule: number): void {
  const earlier = taker.rule === rule ? "an earlier match of the same rule" : "an earlier rule";
  const message = `no request gets here: ${earlier} (line ${taker.line}) takes all of them`;
  place.reader.report("unreachable-route", place.path, message);
}

function lineOf(rule: HttpRule, match: HttpMatch | undefined): number {
  return (match?.origin ?? rule.origin).position.line;
}

/** Whether every request that `later` matches is matched by `earlier`; false when in doubt. */
function covers(earlier: HttpMatch | undefined, later: HttpMatch | undefined): boolean {
  if (earlier === undefined) return true;
  if (later === undefined) return isEverything(earlier);
  return (
    pathCovers(earlier, later) &&
    (["scheme", "method", "authority", "port", "sourceNamespace"] as const).every((field) =>
      sameOrAbsent(earlier[field], later[field]),
    ) &&
    sameOrAbsent(earlier.gateways, later.gateways) &&
    includesAll(later.headers, earlier.headers) &&
    includesAll(later.query, earlier.query) &&
    Object.entries(earlier.sourceLabels).every(([key, value]) => later.sourceLabels[key] === value)
  );
}

function isEverything(match: HttpMatch): boolean {
  const { path, scheme, method, authority, port, sourceNamespace, gateways } = match;
  const anything = path === undefined || (path.type === "prefix" && path.value === "/");
  return (
    anything &&
    [scheme, method, authority, port, sourceNamespace, gateways].every((one) => one === undefined) &&
    match.headers.length === 0 &&
    match.query.length === 0 &&
    Object.keys(match.sourceLabels).length === 0
  );
}

function pathCovers(earlier: HttpMatch, later: HttpMatch): boolean {
  const outer = earlier.path;
  if (outer === undefined || (outer.type === "prefix" && outer.value === "/")) return true;
  const inner = later.path;
  if (inner === undefined) return false;
  if (earlier.ignoreCase !== later.ignoreCase) return false;
  return outer.type === "prefix" ? startsWith(inner, outer.value) : same(outer, inner);
}

function startsWith(inner: PathMatch, prefix: string): boolean {
  return inner.type !== "regex" && inner.value.startsWith(prefix);
}

function sameOrAbsent(outer: unknown, inner: unknown): boolean {
  return outer === undefined || same(outer, inner);
}

function includesAll(set: readonly unknown[], wanted: readonly unknown[]): boolean {
  return wanted.every((one) => set.some((other) => same(one, other)));
}

/** Decoding writes fields in one order, so that equal values have equal texts. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
