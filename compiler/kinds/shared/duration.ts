// Durations as policy writes them (Go's syntax: `1h30m`, `1.5s`, `500ms`) to milliseconds.

import { type Place, readText, report } from "./place.ts";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const whole = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Milliseconds, with fractions; undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  const parts = text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g);
  const total = [...parts].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (unitMs[unit ?? ""] ?? 0),
    0,
  );
  // Binary fractions of a decimal text: 0.1s is 100 ms, not 100.00000000000001.
  return (text.startsWith("-") ? -1 : 1) * (Math.round(total * 1e6) / 1e6);
}

/** What Envoy's and protobuf's durations can hold: about 10,000 years. */
const longestMs = 315_576_000_000_000;

/** Whole milliseconds, at least `leastMs` (1 unless told): Istio refuses finer and shorter ones. */
export function readDuration(
  place: Place,
  { leastMs = 1 }: { readonly leastMs?: number } = {},
): number | undefined {
  const text = readText(place);
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration === undefined) {
    report(place, "invalid-duration", `"${text}" is not a duration`);
  } else if (duration < leastMs) {
    report(place, "invalid-duration", `${text} is too short: at least ${leastMs}ms is needed`, "");
  } else if (!Number.isInteger(duration)) {
    report(place, "invalid-duration", `${text} is finer than a millisecond`, "");
  } else if (duration > longestMs) {
    report(place, "invalid-duration", `${text} is longer than anything can wait`, "");
  } else {
    return duration;
  }
  return undefined;
}
