// What an edit of a policy file changed, in a line that a person can take in at a glance. In: the text before and after. Pure;
// it knows YAML and the shape of Kubernetes objects, and no kind in particular.

import { parseAllDocuments } from "yaml";

// As many as fit into a line.
const shown = 2;

/** `VirtualService reviews: http[split].route[0].weight 80 → 50`. Undefined texts are files that did not or do not exist. */
export function summarizeChange(before: string | undefined, after: string | undefined): string {
  if (after === undefined) return "removed";
  if (before === undefined) return "added";
  const old = objectsIn(before);
  const fresh = objectsIn(after);
  if (!fresh) return "is not well-formed YAML now";
  if (!old) return "is well-formed YAML again";
  const changes = [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((name) => {
    if (!fresh.has(name)) return [`${name} removed`];
    if (!old.has(name)) return [`${name} added`];
    return differences(old.get(name), fresh.get(name), "").map((line) => `${name}: ${line}`);
  });
  if (changes.length === 0) return "no change in meaning";
  return shorten(changes);
}

function shorten(changes: readonly string[]): string {
  const lines = changes.slice(0, shown);
  const rest = changes.length - lines.length;
  const told = lines.map((line, index) =>
    index === 0 ? line : withoutRepetition(line, lines[index - 1] ?? ""),
  );
  return `${told.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** `A a: b[0].c 1 → 2` and then only `[1].c 1 → 2`, or `d 1 → 2`: without what the line before has said. */
function withoutRepetition(line: string, before: string): string {
  let same = 0;
  while (same < line.length && line[same] === before[same]) same++;
  const path = line.indexOf(": ") + 2;
  if (same < path) return line;
  return line.slice(Math.max(path, line.lastIndexOf("[", same)));
}

/** Each object by `Kind name`; undefined for a text that is not well-formed. */
function objectsIn(text: string): ReadonlyMap<string, unknown> | undefined {
  const objects = new Map<string, unknown>();
  for (const document of parseAllDocuments(text)) {
    if (document.errors.length > 0) return undefined;
    const value: unknown = document.toJS();
    if (!isMapping(value)) continue;
    const { kind, metadata } = value;
    const name = isMapping(metadata) ? metadata.name : undefined;
    objects.set([kind, name].filter((part) => typeof part === "string").join(" ") || "settings", value);
  }
  return objects;
}

function differences(before: unknown, after: unknown, path: string): readonly string[] {
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => {
      const label = labelOf(after[index]) ?? labelOf(before[index]) ?? String(index);
      return differences(before[index], after[index], `${path}[${label}]`);
    }).flat();
  }
  if (before === after) return [];
  const name = path.replace(/^spec\./, "");
  if (before === undefined) return [`${name} set to ${brief(after)}`];
  if (after === undefined) return [`${name} removed`];
  return [`${name} ${brief(before)} → ${brief(after)}`];
}

/** An element's own name, which says more than its number. */
function labelOf(element: unknown): string | undefined {
  return isMapping(element) && typeof element.name === "string" ? element.name : undefined;
}

function brief(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
