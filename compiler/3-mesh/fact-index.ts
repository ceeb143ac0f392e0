// Facts sorted into lists by type, each in the one order that settles every conflict. A change of a few facts changes the lists
// of their types alone: every other list stays the same object, and with it whatever was made of that list.

import { rearranged, replaceItems } from "#immutable";
import type { Fact } from "../model/fact.ts";
import type { Origin } from "../model/origin.ts";
import { compareText } from "../model/text-order.ts";
import { compareAge, compareNames, compareOrigins } from "./order.ts";

type Value<T extends Fact["type"]> = Extract<Fact, { readonly type: T }>["value"];

/** Of each type the values, in order. */
export type FactIndex = { readonly [T in Fact["type"]]: readonly Value<T>[] };

type Orders = { readonly [T in Fact["type"]]: (a: Value<T>, b: Value<T>) => number };

const orders: Orders = {
  service: (a, b) => compareText(a.hostname, b.hostname) || compareAge(a, b) || inFiles(a, b),
  workload: (a, b) => compareNames(a, b) || inFiles(a, b),
  endpoints: (a, b) => compareOrigins(a, b) || inFiles(a, b),
  "listed-endpoints": inFiles,
  namespace: inFiles,
  routes: byAge,
  destination: byAge,
  gateway: byAge,
  scope: byAge,
  mtls: byAge,
  "filter-policy": byAge,
  credential: inFiles,
  // There is no place to sort it by; the first one that the files have counts.
  "mesh-config": () => 0,
};

/** The order of endpoint objects among those of one service as well as of all, and of lists of endpoints. */
export const endpointOrder = orders.endpoints;
export const listingOrder = orders["listed-endpoints"];

const types = Object.keys(orders) as readonly Fact["type"][];

type Dated = Parameters<typeof compareAge>[0];

function byAge(a: Dated, b: Dated): number {
  return compareAge(a, b) || inFiles(a, b);
}

/** The order in which files and their lines come; facts of one place are equal and keep the order of their object. */
function inFiles(
  { origin: a }: { readonly origin: Origin },
  { origin: b }: { readonly origin: Origin },
): number {
  return (
    compareText(a.position.file, b.position.file) ||
    a.position.line - b.position.line ||
    a.position.column - b.position.column
  );
}

/** All facts, in the order of the files. */
export function indexFacts(facts: readonly Fact[]): FactIndex {
  const lists = new Map<Fact["type"], Fact["value"][]>(types.map((type) => [type, []]));
  for (const { type, value } of facts) lists.get(type)?.push(value);
  return indexOf((type) => (lists.get(type) ?? []).sort(orders[type] as Compare));
}

/**
 * The index without some of its facts and with others. A list in which objects only have new versions, none of which comes
 * before or after others than the old one, knows what it came from.
 */
export function changeFacts(before: FactIndex, gone: readonly Fact[], come: readonly Fact[]): FactIndex {
  const changed = new Set([...gone, ...come].map(({ type }) => type));
  if (changed.size === 0) return before;
  return indexOf((type) => {
    if (!changed.has(type)) return before[type];
    const compare = orders[type] as Compare;
    const valuesOf = (facts: readonly Fact[]) =>
      facts.filter((fact) => fact.type === type).map(({ value }) => value);
    const [leaving, coming] = [valuesOf(gone), valuesOf(come)];
    const list: readonly Fact["value"][] = before[type];
    return withNewVersions(list, leaving, coming, compare) ?? withOthers(list, leaving, coming, compare);
  });
}

type Compare = (a: Fact["value"], b: Fact["value"]) => number;

/** Each in the place of the earlier version of its object; undefined where one belongs elsewhere, or is new, or has gone. */
function withNewVersions(
  list: readonly Fact["value"][],
  gone: readonly Fact["value"][],
  come: readonly Fact["value"][],
  compare: Compare,
): readonly Fact["value"][] | undefined {
  if (gone.length !== come.length) return undefined;
  const places = gone.map((value) => placeOf(list, value, compare)).sort((a, b) => a - b);
  const items = new Map(come.toSorted(compare).map((value, index) => [places[index] as number, value]));
  const at = (place: number) => items.get(place) ?? list[place];
  const inOrder = (a: Fact["value"] | undefined, b: Fact["value"] | undefined) =>
    !a || !b || compare(a, b) < 0;
  const fits = items.entries().every(([place, value]) => {
    const old = list[place];
    return (
      old !== undefined &&
      areVersions(old, value) &&
      inOrder(at(place - 1), value) &&
      inOrder(value, at(place + 1))
    );
  });
  return fits ? replaceItems(list, items) : undefined;
}

function areVersions(a: Fact["value"], b: Fact["value"]): boolean {
  return "origin" in a && "origin" in b && compareOrigins(a, b) === 0;
}

function withOthers(
  before: readonly Fact["value"][],
  gone: readonly Fact["value"][],
  come: readonly Fact["value"][],
  compare: Compare,
): readonly Fact["value"][] {
  const list = before.slice();
  for (const value of gone) {
    const place = placeOf(list, value, compare);
    if (place >= 0) list.splice(place, 1);
  }
  for (const value of come) list.splice(placeFor(list, value, compare), 0, value);
  return rearranged(before, list);
}

function indexOf(list: (type: Fact["type"]) => readonly Fact["value"][]): FactIndex {
  return Object.fromEntries(types.map((type) => [type, list(type)])) as unknown as FactIndex;
}

/** Where this very value is, among those equal to it; -1 where it is not. */
function placeOf(list: readonly Fact["value"][], value: Fact["value"], compare: Compare): number {
  let place = placeFor(list, value, compare) - 1;
  while (place >= 0 && list[place] !== value) place--;
  return place;
}

/** After everything that comes before it or is equal. */
function placeFor(list: readonly Fact["value"][], value: Fact["value"], compare: Compare): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list[middle] as Fact["value"], value) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
