// Which element of one list is the same thing as which element of another, so that one route more is not a change of
// every route after it.

import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { DiffStep } from "./path.ts";

/**
 * Lists in which Envoy does not care about order: it looks elements up by name, address or most specific match. In all
 * others (routes, filters, header operations) a different order is a different meaning.
 */
const unordered = new Set([
  "virtualHosts",
  "domains",
  "clusters",
  "endpoints",
  "lbEndpoints",
  "filterChains",
  "serverNames",
  "prefixRanges",
  "sourcePrefixRanges",
  "applicationProtocols",
  "matchTypedSubjectAltNames",
]);

/** Whether the order of a list means something. */
export function isOrdered(field: string): boolean {
  return !unordered.has(field);
}

export interface ListElement {
  readonly value: JsonValue;
  readonly index: number;
  /** Equal on both sides: the same thing. Unique within its list. */
  readonly key: string;
  readonly step: DiffStep;
}

/** Keys for the elements of two versions of a list. */
export function keyElements(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): { readonly before: readonly ListElement[]; readonly after: readonly ListElement[] } {
  const named = [...before, ...after].every((value) => nameOf(value) !== undefined);
  if (named && isUnique(before, nameOf) && isUnique(after, nameOf)) {
    return { before: byName(before, nameOf), after: byName(after, nameOf) };
  }
  if (named) return { before: byName(before, longNameOf), after: byName(after, longNameOf) };
  // Without names: equal elements are the same one, and the rest are paired in order.
  const common = commonTexts(before, after);
  return { before: byContent(before, common), after: byContent(after, common) };
}

type Naming = (value: JsonValue) => string | undefined;

function isUnique(list: readonly JsonValue[], name: Naming): boolean {
  return new Set(list.map(name)).size === list.length;
}

function byName(list: readonly JsonValue[], naming: Naming): readonly ListElement[] {
  const seen = new Map<string, number>();
  return list.map((value, index) => {
    const name = naming(value) ?? "";
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const key = count === 1 ? name : `${name} #${count}`;
    return { value, index, key, step: { element: key } };
  });
}

function byContent(list: readonly JsonValue[], common: ReadonlyMap<string, number>): readonly ListElement[] {
  const left = new Map(common);
  let unmatched = 0;
  return list.map((value, index) => {
    const text = JSON.stringify(value);
    const count = left.get(text) ?? 0;
    if (count > 0) {
      left.set(text, count - 1);
      return { value, index, key: `= ${count} ${text}`, step: { index } };
    }
    unmatched += 1;
    return { value, index, key: `? ${unmatched}`, step: { index } };
  });
}

/** How often each text occurs in both. */
function commonTexts(before: readonly JsonValue[], after: readonly JsonValue[]): ReadonlyMap<string, number> {
  const count = (list: readonly JsonValue[]) => {
    const counts = new Map<string, number>();
    for (const value of list) {
      const text = JSON.stringify(value);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return counts;
  };
  const here = count(before);
  const there = count(after);
  return new Map([...here].map(([text, times]) => [text, Math.min(times, there.get(text) ?? 0)]));
}

/** What people would call an element; undefined when it has no name of its own. */
function nameOf(value: JsonValue): string | undefined {
  if (typeof value !== "object") return String(value);
  if (value === null || Array.isArray(value)) return undefined;
  if (typeof value.name === "string" && value.name !== "") return value.name;
  return endpointName(value) ?? localityName(value);
}

/** Filter chains may share a name; then what they match tells them apart: `catchall (tls istio)`. */
function longNameOf(value: JsonValue): string | undefined {
  const name = nameOf(value);
  if (name === undefined || typeof value !== "object" || value === null || Array.isArray(value)) return name;
  const match = objectAt(value, "filterChainMatch") ?? objectAt(value, "match");
  return match ? `${name} (${leaves(match).join(" ")})` : name;
}

function leaves(value: JsonValue): readonly string[] {
  if (typeof value !== "object" || value === null) return [String(value)];
  return Object.values(value).flatMap(leaves);
}

/** `10.0.0.1:9080` of a load-balancing endpoint. */
function endpointName(value: JsonObject): string | undefined {
  const address = objectAt(objectAt(value, "endpoint"), "address");
  const socket = objectAt(address, "socketAddress");
  if (socket) return `${String(socket.address)}:${String(socket.portValue ?? 0)}`;
  const pipe = objectAt(address, "pipe");
  return pipe && `unix:${String(pipe.path)}`;
}

/** `region/zone/subzone` of a group of endpoints, with its priority if that is not the first. */
function localityName(value: JsonObject): string | undefined {
  if (!("lbEndpoints" in value) && !("locality" in value)) return undefined;
  const locality = objectAt(value, "locality") ?? {};
  const parts = [locality.region, locality.zone, locality.subZone].map((part) => String(part ?? ""));
  const place = parts.join("/").replace(/\/+$/, "");
  const priority = value.priority === undefined ? "" : ` priority ${String(value.priority)}`;
  return `${place === "" ? "anywhere" : place}${priority}`;
}

function objectAt(value: JsonObject | undefined, key: string): JsonObject | undefined {
  const found = value?.[key];
  return typeof found === "object" && found !== null && !Array.isArray(found) ? found : undefined;
}
