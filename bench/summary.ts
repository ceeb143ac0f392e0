// The end of a run: what was measured beside what it should be, and beside istiod's figures.

import type { Figure } from "./benchmark.ts";
import { renderColumns, rounded } from "./table.ts";
import { istiodSource, type Limits, type TargetName, targets } from "./targets.ts";

export interface Held {
  readonly target: TargetName;
  readonly what: string;
  readonly measured: string;
  readonly limit: string;
  readonly met: boolean;
  readonly istiod: string;
  readonly istiodAtOnce: string;
  /** What istiod took in this very run, and how much of that Fairlead did; empty where it was not measured. */
  readonly rival: string;
  readonly ofRival: string;
}

/** The measured figures that have a target, in the order of the targets. */
export function holdAgainstTargets(figures: readonly Figure[]): readonly Held[] {
  const byTarget = new Map(figures.flatMap((figure) => (figure.target ? [[figure.target, figure]] : [])));
  const rivals = new Map(figures.flatMap((figure) => (figure.rival ? [[figure.rival, figure]] : [])));
  const names = Object.keys(targets) as readonly TargetName[];
  return names.flatMap((name) => {
    const figure = byTarget.get(name);
    return figure ? [hold(name, figure, rivals.get(name))] : [];
  });
}

function hold(name: TargetName, { value, unit }: Figure, rival: Figure | undefined): Held {
  const { what, limits, istiod = "", istiodAtOnce = "" } = targets[name];
  const measured = limitsOf(value);
  return {
    target: name,
    what,
    measured: say(measured, unit),
    limit: `≤ ${say(limits, unit)}`,
    met: isWithin(measured, limits),
    istiod,
    istiodAtOnce,
    rival: rival ? say(limitsOf(rival.value), rival.unit) : "",
    ofRival: rival ? ratioOf(value, rival.value) : "",
  };
}

function limitsOf(value: Figure["value"]): Limits {
  return typeof value === "number" ? { value } : { p50: value.p50, p99: value.p99 };
}

/** Of single figures or of medians. */
function ratioOf(value: Figure["value"], rival: Figure["value"]): string {
  const middle = (each: Figure["value"]) => (typeof each === "number" ? each : each.p50);
  return (middle(value) / middle(rival)).toFixed(3);
}

/** A limit for something that was not measured is not met. */
function isWithin(measured: Limits, { p50, p99, value }: Limits): boolean {
  const holds = (of: number | undefined, limit: number | undefined) =>
    limit === undefined || (of !== undefined && of <= limit);
  return holds(measured.p50, p50) && holds(measured.p99, p99) && holds(measured.value, value);
}

function say({ p50, p99, value }: Limits, unit: string): string {
  if (value !== undefined) return `${rounded(value)} ${unit}`;
  const named = p50 === undefined ? "p99 " : p99 === undefined ? "p50 " : "";
  return `${named}${[p50, p99].flatMap((each) => (each === undefined ? [] : [rounded(each)])).join(" / ")} ${unit}`;
}

/** Empty where nothing that was measured has a target. */
export function renderSummary(held: readonly Held[]): string {
  if (held.length === 0) return "";
  const compared = held.some(({ rival }) => rival !== "");
  const rows = held.map((each) => [
    each.what,
    each.measured,
    each.limit,
    each.met ? "met" : "MISSED",
    each.istiod,
    each.istiodAtOnce,
    ...(compared ? [each.rival, each.ofRival] : []),
  ]);
  const header = ["", "Fairlead", "target", "", "istiod", "… debounce 0"];
  const title = `Against the targets (p50 / p99; beside them: ${istiodSource})`;
  return renderColumns(
    title,
    [[...header, ...(compared ? ["istiod, here", "of it"] : [])], ...rows],
    (column) => column === 0 || column >= 3,
  );
}
