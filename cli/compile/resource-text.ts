// One Envoy resource as text: YAML under a comment that says which objects made it.

import { stringify } from "yaml";
import {
  type EmittedResource,
  type Origin,
  type ResourceType,
  resourceJson,
  resourceType,
  resourceTypes,
} from "#compiler";

/** A proxy's resources of the wanted types, in the order in which Envoy learns of them; types without any are left out. */
export function groupByType(
  resources: readonly EmittedResource[],
  wanted: ResourceType | "all",
): readonly (readonly [ResourceType, readonly EmittedResource[]])[] {
  return resourceTypes.flatMap(([type]) => {
    if (wanted !== "all" && wanted !== type) return [];
    const found = resources.filter((resource) => resourceType(resource) === type);
    return found.length === 0 ? [] : [[type, found] as const];
  });
}

/** YAML, remembered by resource: proxies share most of theirs. */
export function resourceYaml(resource: EmittedResource): string {
  const known = texts.get(resource.message);
  if (known !== undefined) return known;
  const text = stringify(resourceJson(resource), { lineWidth: 0, aliasDuplicateObjects: false });
  texts.set(resource.message, text);
  return text;
}

const texts = new WeakMap<object, string>();

/** `VirtualService default/reviews (reviews.yaml:12, 20)`: each object once, with its file and perhaps the lines in it. */
export function describeOrigins(origins: readonly Origin[], withLines: boolean): readonly string[] {
  const lines = new Map<string, Set<number>>();
  for (const { kind, namespace, name, position } of origins) {
    const place = `${kind} ${namespace === "" ? name : `${namespace}/${name}`} (${position.file}`;
    lines.set(place, (lines.get(place) ?? new Set()).add(position.line));
  }
  return [...lines].map(([place, numbers]) => {
    const sorted = [...numbers].sort((a, b) => a - b);
    return withLines ? `${place}:${sorted.join(", ")})` : `${place})`;
  });
}
