// The table of live traffic: for each route how it goes and who answers. Pure.

import type { RouteTally } from "../traffic/index.ts";
import type { ViewState } from "./state.ts";
import { bar, type Colors, duration, percent } from "./text.ts";

const longestBar = 24;
// Below that, the split needs the room of the second latency.
const wide = 100;

export function renderRoutes(
  { routes, windowSeconds, perSecond }: ViewState,
  columns: number,
  colors: Colors,
): readonly string[] {
  const nameWidth = Math.max(
    `LIVE TRAFFIC, last ${windowSeconds} s`.length,
    ...routes.map(({ name }) => name.length),
  );
  const title = `LIVE TRAFFIC, last ${windowSeconds} s`.padEnd(nameWidth + 2);
  const withP99 = columns >= wide;
  const latencies = withP99 ? "     p50       p99" : "     p50";
  // Per version its name, its share and the spaces around them, and one column because bars are rounded.
  const most = Math.max(...routes.map(({ versions }) => versions.length));
  const split = columns - (nameWidth + latencies.length + 13);
  const barWidth = Math.min(longestBar, Math.max(4, split - most * 9 + 1));
  const head = `   ok  ${latencies}  who answers (${perSecond} requests/s)`;
  return [
    colors.bold(title) + colors.dim(`  ${head}`),
    ...routes.map((route) => {
      const { name, total, ok, p50, p99 } = route;
      const paint = total === 0 ? colors.dim : ok === total ? colors.green : colors.red;
      const times = (withP99 ? [p50, p99] : [p50]).map((ms) => duration(ms).padStart(8)).join("  ");
      const success = paint(percent(ok, total).padStart(5));
      return `  ${name.padEnd(nameWidth)}  ${success}  ${colors.dim(times)}  ${renderSplit(route, barWidth, colors)}`;
    }),
  ];
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
