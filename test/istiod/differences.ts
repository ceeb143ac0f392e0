// Where two views differ: one difference for each place, as deep inside as possible.

import { canonical, isObject, type Json, type JsonObject } from "./json.ts";
import { conditionsOf } from "./route-view.ts";

export interface Difference {
  /** Names with slashes between, from the sort of resource inwards. */
  readonly path: string;
  readonly ours: Json | undefined;
  readonly istiod: Json | undefined;
}

export function differencesBetween(ours: JsonObject, istiod: JsonObject): readonly Difference[] {
  return differencesAt([], ours, istiod);
}

function differencesAt(
  path: readonly string[],
  ours: Json | undefined,
  istiod: Json | undefined,
): readonly Difference[] {
  if (canonical(ours) === canonical(istiod) || (isEmpty(ours) && isEmpty(istiod))) return [];
  const here = { path: path.join("/"), ours, istiod };
  if (Array.isArray(ours) && Array.isArray(istiod)) {
    if (path.at(-1) !== "routes") return inside(path, byIndex(ours), byIndex(istiod));
    const [conditions, others] = [conditionsOf(ours), conditionsOf(istiod)];
    if (conditions.join() === others.join()) return inside(path, byIndex(ours), byIndex(istiod));
    return [{ path: `${here.path}/conditions`, ours: conditions, istiod: others }];
  }
  return isObject(ours) && isObject(istiod) ? inside(path, ours, istiod) : [here];
}

const byIndex = (list: readonly Json[]): JsonObject => Object.fromEntries(list.entries());

function inside(path: readonly string[], ours: JsonObject, istiod: JsonObject): readonly Difference[] {
  const keys = new Set([...Object.keys(ours), ...Object.keys(istiod)]);
  return [...keys].flatMap((key) => differencesAt([...path, key], ours[key], istiod[key]));
}

/** What is absent is as good as what protobuf would leave out: zero, false, an empty text, or nothing but such values. */
function isEmpty(value: Json | undefined): boolean {
  if (typeof value !== "object" || value === null) return !value;
  return Object.values(value).every(isEmpty);
}

/** The same text for paths that differ only in whose configuration it is: names of hosts, clusters and chains, and places in lists. */
export function kindOf(path: string): string {
  return path
    .replace(/\{.*?\}+(?=\/|$)/g, "{}")
    .split("/")
    .map((part) => {
      if (/^\d+$/.test(part)) return "#";
      if (part.includes("|")) return `${part.split("|")[0]}|…`;
      return part.replace(/^(?!.*virtual)\S*[.*]\S*([:_]\d+)$/, "…$1");
    })
    .join("/");
}
