// Two versions of one proxy's resources in; out: those that came, went or changed, each with the objects behind it.

import { equals, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import type { EmittedResource } from "../5-emit/resource.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { Origin } from "../model/origin.ts";
import { type ResourceType, resourceJson, resourceType, resourceTypes } from "../print.ts";
import { type Drain, drainOf } from "./drains.ts";
import { diffValues, type ValueChange } from "./values.ts";

export interface ResourceDiff {
  readonly type: ResourceType;
  readonly name: string;
  readonly state: "added" | "removed" | "changed";
  /** Empty unless changed. */
  readonly changes: readonly ValueChange[];
  /** Of the new version; of the old one where there is no new one. */
  readonly origins: readonly Origin[];
  readonly drain?: Drain;
}

/** In the order in which Envoy learns of them, then by name. */
export function diffResources(
  before: readonly EmittedResource[],
  after: readonly EmittedResource[],
): readonly ResourceDiff[] {
  const old = new Map(before.map((resource) => [keyOf(resource), resource]));
  const now = new Map(after.map((resource) => [keyOf(resource), resource]));
  const diffs = [...new Set([...old.keys(), ...now.keys()])].flatMap((key): readonly ResourceDiff[] => {
    const earlier = old.get(key);
    const later = now.get(key);
    if (earlier && later) {
      const diff = diffResource(earlier, later);
      return diff ? [diff] : [];
    }
    if (later) return [described(later, "added")];
    return earlier ? [described(earlier, "removed")] : [];
  });
  return diffs.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

function described(resource: EmittedResource, state: "added" | "removed"): ResourceDiff {
  const { name, origins } = resource;
  const type = resourceType(resource);
  const base = { type, name, state, changes: [], origins };
  if (type !== "listeners" || state === "added") return base;
  return { ...base, drain: { kind: "listener", listener: name, why: ["it is removed"] } };
}

/** Proxies share most of their resources, so that a pair is compared once. */
const diffResource = memoizeByIdentity(
  (before: EmittedResource, after: EmittedResource): ResourceDiff | undefined => {
    const type = resourceType(after);
    const old = jsonOf(before);
    const now = jsonOf(after);
    const changes = [...diffValues(old, now), ...hiddenChanges(before, after, old, now)];
    if (changes.length === 0) return undefined;
    const drain = type === "listeners" ? drainOf(after.name, asObject(old), asObject(now)) : undefined;
    return {
      type,
      name: after.name,
      state: "changed",
      changes,
      origins: after.origins,
      ...(drain ? { drain } : {}),
    };
  },
);

const jsonOf = memoizeByIdentity((resource: EmittedResource): JsonValue => resourceJson(resource));

/** A private key prints as a placeholder, so that another one looks the same. */
function hiddenChanges(
  before: EmittedResource,
  after: EmittedResource,
  old: JsonValue,
  now: JsonValue,
): readonly ValueChange[] {
  if (resourceType(after) !== "secrets" || JSON.stringify(old) !== JSON.stringify(now)) return [];
  if (equals(after.schema, before.message, after.message)) return [];
  const path = [{ field: "tlsCertificate" }, { field: "privateKey" }];
  return [{ kind: "changed", path, before: "[redacted]", after: "[redacted]" }];
}

function asObject(value: JsonValue): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Error("a resource prints as an object");
}

function keyOf({ typeUrl, name }: EmittedResource): string {
  return `${typeUrl} ${name}`;
}

function rank({ type }: ResourceDiff): number {
  return resourceTypes.findIndex(([each]) => each === type);
}
