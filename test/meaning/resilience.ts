// What timeouts, retries, faults, mirrors and weights of HTTP routes do to one request, as Istio's reference says it. In: a route, the
// mesh's retry policy, and how servers will behave. Out: what the client gets, when, and what reaches servers.

import { isRetried, type Retries, usual } from "./retries.ts";

export interface Percentage {
  readonly value?: number;
}

export interface Destination {
  readonly host: string;
  readonly subset?: string;
}

export interface Route {
  readonly route: readonly { readonly destination: Destination; readonly weight?: number }[];
  readonly timeout?: string;
  readonly retries?: Retries;
  readonly fault?: {
    readonly delay?: {
      readonly fixedDelay: string;
      readonly percentage?: Percentage;
      readonly percent?: number;
    };
    readonly abort?: { readonly httpStatus: number; readonly percentage?: Percentage };
  };
  readonly mirror?: Destination;
  readonly mirrorPercentage?: Percentage;
  readonly mirrorPercent?: number;
  readonly mirrors?: readonly { readonly destination: Destination; readonly percentage?: Percentage }[];
}

export interface Call {
  /** What a server does with the first attempt, the second, ...; the last goes on. A status, `grpc-14`, or `reset`. */
  readonly replies: readonly string[];
  /** How long it takes for that, each time. */
  readonly waitMs: number;
  /** What the client asks of its proxy (`x-envoy-...`): nothing, unless istiod is told to let it (istio/istio#14923). */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly status: number;
  readonly attempts: number;
  readonly tookMs: number;
  /** Destinations that may be the one. */
  readonly among: readonly string[];
  /** Destinations of copies. */
  readonly copies: readonly string[];
}

export function outcomeOf(route: Route, meshRetries: Retries | undefined, call: Call): Outcome {
  const { delay, abort } = route.fault ?? {};
  // "Percentage of requests on which the delay will be injected. If left unspecified, no request will be delayed."
  const delayed = delay !== undefined && isAll(delay.percentage, delay.percent ?? 0);
  const delayMs = delayed ? msOf(delay.fixedDelay) : 0;
  if (abort && isAll(abort.percentage, 0)) {
    return { status: abort.httpStatus, attempts: 0, tookMs: delayMs, among: [], copies: [] };
  }
  // A delay is over before a timeout begins, as with Envoy's filters.
  const { tookMs, ...more } = attempted(route, route.retries ?? meshRetries ?? usual, call);
  return { ...more, tookMs: delayMs + tookMs, among: chosen(route), copies: copiesOf(route) };
}

/** What many clients see, if all servers answer; but the other host of `half` is not there. */
export function outcomesOf(route: Route, meshRetries: Retries | undefined): readonly string[] {
  const { fault, retries = meshRetries ?? usual } = route;
  const reached = chosen(route).flatMap((name) => {
    if (name !== "half") return [name];
    // "Flag to specify whether the retries should ignore previously tried hosts during retry. Defaults to true."
    const finds = (retries.attempts ?? 0) > 0 && retries.retryIgnorePreviousHosts !== false;
    return finds && isRetried("refused", retries) ? ["half-v1"] : ["half-v1", "503"];
  });
  return [...reached, ...(fault?.abort ? [`${fault.abort.httpStatus}`] : [])].sort();
}

function attempted(route: Route, retries: Retries, { replies, waitMs }: Call) {
  // "Timeout for HTTP requests, default is disabled."
  const limit = msOf(route.timeout ?? "0s") || Number.POSITIVE_INFINITY;
  const tryLimit = msOf(retries.perTryTimeout ?? "0s") || Number.POSITIVE_INFINITY;
  let tookMs = 0;
  for (let attempts = 1; ; attempts++) {
    const reply = replies[Math.min(attempts, replies.length) - 1] ?? "200";
    const isLate = waitMs > tryLimit && tryLimit < limit;
    tookMs += isLate ? tryLimit : waitMs;
    if (tookMs > limit) return { status: 504, attempts, tookMs: limit };
    const result = isLate ? "late" : reply;
    if (attempts > (retries.attempts ?? 0) || !isRetried(result, retries)) {
      return { status: statusOf(result), attempts, tookMs };
    }
  }
}

function statusOf(result: string): number {
  if (result === "late") return 504;
  if (result === "reset") return 503;
  return result.startsWith("grpc-") ? 200 : Number(result);
}

/** "If there is only one destination in a rule, it will receive all traffic. Otherwise, if weight is `0`, [it] will not receive any". */
function chosen({ route }: Route): readonly string[] {
  const reachable = route.length === 1 ? route : route.filter(({ weight }) => weight);
  return reachable.map(({ destination }) => nameOf(destination));
}

/** "If this field is absent, all the traffic (100%) will be mirrored." */
function copiesOf({ mirror, mirrorPercentage, mirrorPercent, mirrors = [] }: Route): readonly string[] {
  const old = mirror && isAll(mirrorPercentage, mirrorPercent ?? 100) ? [mirror] : [];
  const others = mirrors.filter(({ percentage }) => isAll(percentage, 100));
  return [...old, ...others.map(({ destination }) => destination)].map(nameOf).sort();
}

/** For all, or for none; a percentage of which nothing is written is 0, as every number. */
function isAll(percentage: Percentage | undefined, otherwise: number): boolean {
  return (percentage ? (percentage.value ?? 0) : otherwise) === 100;
}

function nameOf({ host, subset }: Destination): string {
  return subset === undefined ? host : `${host}-${subset}`;
}

function msOf(duration: string): number {
  const [, number, unit] = /^([\d.]+)(ms|s)$/.exec(duration) ?? [];
  return Number(number) * (unit === "s" ? 1000 : 1);
}
