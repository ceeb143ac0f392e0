// Plans as short lines, so that a test can say what it expects in one list.

import type { FilterChainPlan, ListenerPlan, ProxyView, RouteTablePlan } from "../4-view/plan/index.ts";

/** Each chain in order, `condition → end`; the fallback's condition is `else`. */
export function chainLines(listener: ListenerPlan | undefined): readonly string[] {
  if (!listener) return ["no such listener"];
  const chains = listener.chains.map((chain) => `${conditionOf(chain)} → ${endOf(chain)}`);
  return listener.fallback ? [...chains, `else → ${endOf(listener.fallback)}`] : chains;
}

/** Absent: one line that says so. */
export function chainsOf(view: ProxyView, listener: string): readonly string[] {
  return chainLines(view.listeners.find(({ name }) => name === listener));
}

function conditionOf({ match }: FilterChainPlan): string {
  const parts = [
    ...(match.destinationPort === undefined ? [] : [`:${match.destinationPort}`]),
    ...match.prefixRanges,
    ...match.sourcePrefixRanges.map((range) => `from ${range}`),
    ...(match.transportProtocol === undefined ? [] : [match.transportProtocol === "tls" ? "tls" : "plain"]),
    ...match.serverNames,
    ...(match.applicationProtocols.length === 0 ? [] : [match.applicationProtocols.join("/")]),
  ];
  return parts.length === 0 ? "any" : parts.join(" ");
}

function endOf({ terminal, tls }: FilterChainPlan): string {
  const opened = tls === undefined ? "" : `${tls.type} tls, `;
  if (terminal.type === "tcp") {
    const clusters = terminal.clusters.map(({ cluster, weight }) =>
      terminal.clusters.length === 1 ? cluster : `${cluster}*${weight}`,
    );
    return `${opened}${clusters.join(", ")}`;
  }
  return terminal.routes.type === "rds"
    ? `${opened}routes ${terminal.routes.name}`
    : `${opened}http ${terminal.routes.table.name}`;
}

/** Each virtual host in order: `name: action, action`. */
export function hostLines(table: RouteTablePlan | undefined): readonly string[] {
  if (!table) return ["no such table"];
  return table.virtualHosts.map(
    ({ name, routes, requireTls }) =>
      `${name}: ${[...routes.map(actionOf), ...(requireTls ? ["https only"] : [])].join(", ")}`,
  );
}

export function hostsOf(view: ProxyView, table: string): readonly string[] {
  return hostLines(view.routeTables.find(({ name }) => name === table));
}

function actionOf({ action }: RouteTablePlan["virtualHosts"][number]["routes"][number]): string {
  switch (action.type) {
    case "forward":
      return action.clusters
        .map(({ cluster, weight }) => (action.clusters.length === 1 ? cluster : `${cluster}*${weight}`))
        .join("+");
    case "redirect":
      return "redirect";
    case "direct-response":
      return String(action.status);
  }
}
