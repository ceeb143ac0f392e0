// How requests went in the last few seconds, by route. In: observations with their times. Out: counts and latencies. Pure.

/** One request to one application, as its caller saw it. */
export interface Observation {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly route: string;
  /** Who answered; absent when no application did. */
  readonly version?: string;
  readonly ok: boolean;
  readonly ms: number;
}

/** A route and who may answer there, so that a version without traffic is a 0 and not missing. */
export interface KnownRoute {
  readonly name: string;
  readonly versions: readonly string[];
}

export interface RouteTally {
  readonly name: string;
  /** Requests in the window, answered or not. */
  readonly total: number;
  readonly ok: number;
  /** By version, sorted; known versions always. */
  readonly versions: readonly { readonly version: string; readonly count: number }[];
  /** Milliseconds; undefined without requests. */
  readonly p50?: number;
  readonly p99?: number;
}

export class Tally {
  readonly #windowMs: number;
  readonly #routes: readonly KnownRoute[];
  #observations: Observation[] = [];

  constructor(windowMs: number, routes: readonly KnownRoute[]) {
    this.#windowMs = windowMs;
    this.#routes = routes;
  }

  add(observations: readonly Observation[]): void {
    this.#observations.push(...observations);
  }

  /** The known routes in their order, over the window that ends now. */
  read(now: number): readonly RouteTally[] {
    this.#observations = this.#observations.filter(({ at }) => at > now - this.#windowMs);
    return this.#routes.map((route) =>
      tallyRoute(
        route,
        this.#observations.filter((each) => each.route === route.name),
      ),
    );
  }
}

function tallyRoute({ name, versions }: KnownRoute, seen: readonly Observation[]): RouteTally {
  const counts = new Map(versions.map((version) => [version, 0]));
  for (const { version } of seen) {
    if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  const sorted = seen.map(({ ms }) => ms).sort((a, b) => a - b);
  const p50 = quantile(sorted, 0.5);
  const p99 = quantile(sorted, 0.99);
  return {
    name,
    total: seen.length,
    ok: seen.filter(({ ok }) => ok).length,
    versions: [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([version, count]) => ({ version, count })),
    ...(p50 === undefined ? {} : { p50 }),
    ...(p99 === undefined ? {} : { p99 }),
  };
}

/** The smallest value that at least the share `q` of all does not exceed. */
function quantile(sorted: readonly number[], q: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)];
}
