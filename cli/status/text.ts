// Where proxies stand, for people: a line per proxy, then what was refused and the lines of policy that it comes from.

import type { ProxySync, QuarantineEntry, SyncState, TypeSync } from "#runtime";
import { formatAge } from "../options/duration.ts";
import { printable } from "../printable.ts";
import { type Cell, renderTable } from "../table.ts";
import type { Colors } from "../terminal.ts";

const allTypes = ["CDS", "EDS", "LDS", "RDS", "VHDS", "SDS"];

/** `now` is in milliseconds since 1970. */
export function renderStatus(
  proxies: readonly ProxySync[],
  quarantine: readonly QuarantineEntry[],
  now: number,
  colors: Colors,
): string {
  // Only proxies that discover virtual hosts have any.
  const types = allTypes.filter(
    (type) => type !== "VHDS" || proxies.some((proxy) => proxy.types.some((each) => each.type === type)),
  );
  const rows = proxies.map((proxy) => [proxy.name, ...types.map((type) => cellOf(proxy, type, now, colors))]);
  const sections = [
    renderTable(["NAME", ...types], rows),
    ...proxies.flatMap((proxy) => proxy.types.flatMap((type) => refusal(proxy, type, quarantine, colors))),
  ];
  return sections.join("\n");
}

function cellOf({ types }: ProxySync, wanted: string, now: number, colors: Colors): Cell {
  const { status, since } = types.find(({ type }) => type === wanted) ?? { status: "NOT SENT" };
  const age = since === undefined ? "" : ` (${formatAge(now - Date.parse(since))})`;
  return { text: `${status}${age}`, paint: brush(status, colors) };
}

function brush(status: SyncState, colors: Colors): (text: string) => string {
  switch (status) {
    case "SYNCED":
      return colors.green;
    case "STALE":
      return colors.yellow;
    case "NACKED":
    case "QUARANTINED":
      return colors.red;
    case "NOT SENT":
      return colors.dim;
  }
}

function refusal(
  { name }: ProxySync,
  { type, status, error, refused = [] }: TypeSync,
  quarantine: readonly QuarantineEntry[],
  colors: Colors,
): readonly string[] {
  if (refused.length === 0) return [];
  const whose = status === "NACKED" ? "refused by" : "not sent to";
  const heading = `${colors.bold(colors.red(type))} ${whose} ${colors.bold(name)}`;
  const lines = refused.flatMap((resource) => {
    const held = quarantine.find((entry) => entry.type === type && entry.name === resource.name);
    const why = held && error === undefined ? [`refused by ${held.refusedBy}: ${held.error}`] : [];
    return [
      `  ${printable(resource.name)}`,
      ...[...resource.origins, ...why].map((line) => `    ${printable(line)}`),
    ];
  });
  return [`${[error === undefined ? heading : `${heading}: ${printable(error)}`, ...lines].join("\n")}\n`];
}
