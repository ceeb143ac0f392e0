// What Istio's own files come to, as a table for people: files, objects by kind, proxies, resources, and what was remarked.

import { resourceType, resourceTypes } from "#compiler";
import type { CompiledWorld } from "./worlds.ts";

/** Files are counted by themselves, so that nothing is counted twice; then the trees, compiled as one world each. */
export function renderTable(worlds: readonly CompiledWorld[]): string {
  const files = worlds.filter((world) => world.files.length === 1 && world.name === world.files[0]?.name);
  const together = worlds.filter(({ name }) => ["samples", "tests", "."].includes(name));
  const columns = [
    { title: "files alone", worlds: files },
    ...together.map((world) => ({
      title: world.name === "." ? "both together" : `${world.name} together`,
      worlds: [world],
    })),
  ];
  const counted = columns.map((column) => ({ title: column.title, counts: count(column.worlds) }));
  const rows = [...new Set(counted.flatMap(({ counts }) => [...counts.keys()]))].sort(byGroup);
  const lines = [
    ["", ...counted.map(({ title }) => title)],
    ...rows.map((row) => [row, ...counted.map(({ counts }) => String(counts.get(row) ?? 0))]),
  ];
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

const groups = ["files", "objects", "kind", "proxies", "resources", "error", "warning", "info"];

function byGroup(a: string, b: string): number {
  const group = (row: string) => groups.findIndex((name) => row === name || row.startsWith(`${name} `));
  return group(a) - group(b) || (a < b ? -1 : 1);
}

function count(worlds: readonly CompiledWorld[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (row: string, by = 1) => counts.set(row, (counts.get(row) ?? 0) + by);
  for (const { files, compiled, proxies } of worlds) {
    add("files", files.length);
    for (const { objects } of compiled.files) {
      add("objects", objects.length);
      for (const { raw } of objects) add(`kind ${raw.group === "" ? "core" : raw.group}/${raw.kind}`);
    }
    for (const { severity, code } of compiled.diagnostics) add(`${severity} ${code}`);
    for (const { type, resources } of proxies) {
      add(`proxies ${type}`);
      for (const [name] of resourceTypes) {
        add(`resources ${name}`, resources.filter((each) => resourceType(each) === name).length);
      }
    }
  }
  return counts;
}
