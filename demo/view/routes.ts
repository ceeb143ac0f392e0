// The table of live traffic: for each route how it goes and who answers. Pure.

import type { RouteTally } from "../traffic/index.ts";
import type { ViewState } from "./state.ts";
import { bar, type Colors, duration, percent } from "./text.ts";

const longestBar = 24;

export function renderRoutes(
  { routes, windowSeconds, perSecond }: ViewState,
  columns: number,
  colors: Colors,
): readonly string[] {
  const nameWidth = Math.max(...routes.map(({ name }) => name.length));
  const most = Math.max(...routes.map(({ versions }) => versions.length));
  // Per version: its name, its share, and the spaces around them.
  const barWidth = Math.min(longestBar, Math.max(4, columns - nameWidth - 30 - most * 10));
  const title = `LIVE TRAFFIC, last ${windowSeconds} s`.padEnd(nameWidth + 2);
  const head = `${colors.bold(title)}  ${colors.dim(`   ok       p50       p99  who answers (${perSecond} requests/s of our own)`)}`;
  return [head, ...routes.map((route) => `  ${renderRoute(route, nameWidth, barWidth, colors)}`)];
}

function renderRoute(route: RouteTally, nameWidth: number, barWidth: number, colors: Colors): string {
  const { name, total, ok, p50, p99 } = route;
  const success = percent(ok, total).padStart(5);
  const paint = total === 0 ? colors.dim : ok === total ? colors.green : colors.red;
  const latency = `${duration(p50).padStart(8)}  ${duration(p99).padStart(8)}`;
  return `${name.padEnd(nameWidth)}  ${paint(success)}  ${colors.dim(latency)}  ${renderSplit(route, barWidth, colors)}`;
}

/** `v1 ████████ 80%  v2 ██ 20%  v3 0%`; who answers among those requests that were answered. */
export function renderSplit({ versions }: RouteTally, barWidth: number, colors: Colors): string {
  const answered = versions.reduce((sum, { count }) => sum + count, 0);
  if (answered === 0) return colors.dim("nobody");
  const paints = [colors.cyan, colors.magenta, colors.yellow, colors.blue];
  return versions
    .map(({ version, count }, index) => {
      const share = percent(count, answered);
      if (count === 0) return colors.dim(`${version} ${share}`);
      const paint = paints[index % paints.length] ?? colors.cyan;
      return `${version} ${paint(bar(count / answered, barWidth))} ${share}`;
    })
    .join("  ");
}

/** The same in a few words, for logs: `reviews ok 100% v1 80% v2 20% v3 0%`. */
export function summarizeRoute({ name, total, ok, versions }: RouteTally): string {
  const answered = versions.reduce((sum, { count }) => sum + count, 0);
  const split = versions.map(({ version, count }) => `${version} ${percent(count, answered)}`).join(" ");
  return `${name}: ok ${percent(ok, total)} ${split}`;
}
