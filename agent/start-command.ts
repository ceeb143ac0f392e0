// How an Envoy of the mesh is started beside its bootstrap. In: settings of the mesh. Out: arguments, and why each is there.

export interface StartOptions {
  /** MeshConfig's `defaultConfig.drainDuration`; 45 s if absent, as in Istio. */
  readonly drainMs?: number;
  /** MeshConfig's `defaultConfig.concurrency`; 2 if absent, as in Istio, and 0 for a worker per CPU. */
  readonly concurrency?: number;
}

/** Envoy's own defaults are 600 s, a gradual end, and a worker per CPU. */
export function startArguments({ drainMs = 45_000, concurrency = 2 }: StartOptions): readonly string[] {
  const drain = ["--drain-strategy", "immediate", "--drain-time-s", String(Math.ceil(drainMs / 1000))];
  return concurrency === 0 ? drain : [...drain, "--concurrency", String(concurrency)];
}

/** Lines for a person who is about to start one. */
export const startReasons: readonly string[] = [
  "Without the drain options, connections that a change has replaced keep the old policy for up to ten minutes.",
  "Without --concurrency, Envoy starts a worker per CPU, each with its own connections to everything.",
];
