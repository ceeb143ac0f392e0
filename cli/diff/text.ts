// A difference as text for people. What changes alike for many proxies is told once.

import {
  formatDiffPath,
  type ObjectDiff,
  type ProxyDiff,
  type ResourceDiff,
  type ValueChange,
} from "#compiler";
import { describeOrigins } from "../compile/resource-text.ts";
import { plural } from "../plural.ts";
import type { Colors } from "../terminal.ts";
import { type Difference, tellingOrigins } from "./difference.ts";

/** Empty when nothing differs for any proxy. */
export function renderDiffText({ proxies, objects }: Difference, colors: Colors): string {
  const changed = proxies.filter(({ state }) => state === "changed");
  const sections = [
    ...oneSided(proxies, "added", colors),
    ...oneSided(proxies, "removed", colors),
    ...groupResources(changed).map(({ ids, resources }) => {
      const head = ids.length === 1 ? `${ids[0]}` : `${ids.length} proxies: ${ids.join(", ")}`;
      const body = resources.map((resource) => renderResource(resource, objects, colors));
      return `${colors.bold(head)}\n${body.join("")}`;
    }),
  ];
  return sections.join("\n");
}

/** For stderr: what was written differently, and how many proxies notice. */
export function summarizeDiff({ proxies, compared, objects }: Difference): string {
  const count = (state: ProxyDiff["state"]) => proxies.filter((proxy) => proxy.state === state).length;
  const written = objects.length === 0 ? "no object" : plural(objects.length, "object");
  const differ = `${written} written differently`;
  if (proxies.length === 0) return `${differ}; no difference for ${plural(compared, "proxy")}\n`;
  const parts = [
    `${count("changed")} of ${plural(compared, "proxy")} affected`,
    ...(count("added") > 0 ? [`${count("added")} new`] : []),
    ...(count("removed") > 0 ? [`${count("removed")} gone`] : []),
  ];
  return `${differ}; ${parts.join(", ")}\n`;
}

function oneSided(
  proxies: readonly ProxyDiff[],
  state: "added" | "removed",
  colors: Colors,
): readonly string[] {
  const found = proxies.filter((proxy) => proxy.state === state);
  const sign = state === "added" ? colors.green("+") : colors.red("-");
  const side = state === "added" ? "only in the new files" : "only in the old files";
  const lines = found.map(({ id, type }) => `${sign} ${colors.bold(`${type} ${id}`)} (${side})\n`);
  return lines.length === 0 ? [] : [lines.join("")];
}

interface Group {
  readonly ids: readonly string[];
  readonly resources: readonly ResourceDiff[];
}

/** Equal differences together, and those that concern the same proxies under one heading; most proxies first. */
function groupResources(proxies: readonly ProxyDiff[]): readonly Group[] {
  const owners = new Map<string, { readonly resource: ResourceDiff; readonly ids: string[] }>();
  for (const { id, resources } of proxies) {
    for (const resource of resources) {
      const key = JSON.stringify(resource);
      const known = owners.get(key);
      if (known) known.ids.push(id);
      else owners.set(key, { resource, ids: [id] });
    }
  }
  const groups = new Map<string, { readonly ids: readonly string[]; readonly resources: ResourceDiff[] }>();
  for (const { resource, ids } of owners.values()) {
    const known = groups.get(ids.join());
    if (known) known.resources.push(resource);
    else groups.set(ids.join(), { ids, resources: [resource] });
  }
  return [...groups.values()].sort((a, b) => b.ids.length - a.ids.length);
}

function renderResource(resource: ResourceDiff, objects: readonly ObjectDiff[], colors: Colors): string {
  const { type, name, state, changes } = resource;
  const sign = { added: colors.green("+"), removed: colors.red("-"), changed: colors.yellow("~") }[state];
  const lines = [
    `  ${sign} ${type} ${colors.bold(name)}`,
    ...changes.map((change) => `      ${renderChange(change, colors)}`),
    ...drainLines(resource, colors).map((line) => `      ${line}`),
    ...originLines(resource, objects).map((line) => colors.dim(`      from ${line}`)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

const mostOrigins = 5;

function originLines(resource: ResourceDiff, objects: readonly ObjectDiff[]): readonly string[] {
  const lines = describeOrigins(tellingOrigins(resource, objects), true);
  if (lines.length <= mostOrigins) return lines;
  return [...lines.slice(0, mostOrigins - 1), `${lines.length - mostOrigins + 1} more`];
}

function renderChange(change: ValueChange, colors: Colors): string {
  const path = formatDiffPath(change.path);
  switch (change.kind) {
    case "added":
      return colors.green(`+ ${path}: ${short(change.after)}`);
    case "removed":
      return colors.red(`- ${path}: ${short(change.before)}`);
    case "changed":
      return `${path}: ${colors.red(short(change.before))} → ${colors.green(short(change.after))}`;
    case "moved":
      return colors.yellow(`${path}: moved from place ${change.from + 1} to ${change.to + 1}`);
  }
}

function drainLines({ drain }: ResourceDiff, colors: Colors): readonly string[] {
  if (!drain) return [];
  switch (drain.kind) {
    case "listener": {
      const note = `drains listener ${drain.listener}`;
      return [`${colors.yellow(note)}: all its connections are closed in the end (${drain.why.join(", ")})`];
    }
    case "filter-chains": {
      const note = `drains part of listener ${drain.listener}`;
      return [`${colors.yellow(note)}: only connections of ${[...new Set(drain.chains)].join(", ")}`];
    }
  }
}

/** Enough to recognize a value; `-o json` has all of it. */
function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
