// Hundreds of light clients that behave like proxies when their control plane ends: each waits for a moment and goes to
// another replica. Out: when each lost its stream, and when it was served again.

import { typeUrls } from "#xds-server";
import { connectLightClient, type LightClient } from "./light-client.ts";

export interface FleetOptions {
  readonly size: number;
  /** Where all connect at first, and where they go from there; on 127.0.0.1. */
  readonly from: number;
  readonly to: number;
}

/** Times in milliseconds, of `performance.now()`. */
export interface FleetMember {
  /** It has been told its clusters by the first replica. */
  readonly served: boolean;
  /** When its first stream ended. */
  readonly endedAt?: number;
  /** When it first went to the other replica. */
  readonly movedAt?: number;
  /** When that one had answered it. */
  readonly backAt?: number;
}

export interface Fleet {
  members(): readonly FleetMember[];
  stop(): void;
}

/** The first two pauses of a proxy that lost its stream: at random up to these, as Envoy does it by our bootstrap. */
const pausesMs = [500, 1500];

export function startFleet({ size, from, to }: FleetOptions): Fleet {
  const members = Array.from({ length: size }, (_, index) => startMember(`fleet-${index}.fleet`, from, to));
  return {
    members: () => members.map(({ state }) => state),
    stop: () => {
      for (const { stop } of members) stop();
    },
  };
}

function startMember(name: string, from: number, to: number) {
  const state: { -readonly [Key in keyof FleetMember]: FleetMember[Key] } = { served: false };
  let stopped = false;
  let client: LightClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  const connect = (port: number, attempt: number) => {
    if (port === to) state.movedAt ??= performance.now();
    client = connectLightClient({
      port,
      name,
      typeUrls: [typeUrls.cluster],
      onResponse: () => {
        if (port === from) state.served = true;
        else state.backAt ??= performance.now();
      },
      onEnd: () => {
        if (stopped) return;
        if (state.served) state.endedAt ??= performance.now();
        const pause = Math.random() * (pausesMs[attempt] ?? 5000);
        timer = setTimeout(() => connect(state.served ? to : from, attempt + 1), pause);
      },
    });
  };
  connect(from, 0);
  return {
    state,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      client?.close();
    },
  };
}

/** The largest share of these times that lies within any stretch of so many milliseconds. */
export function densest(times: readonly number[], withinMs: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  for (let start = 0, end = 0; end < sorted.length; end++) {
    while ((sorted[end] ?? 0) - (sorted[start] ?? 0) > withinMs) start++;
    most = Math.max(most, end - start + 1);
  }
  return most / Math.max(1, times.length);
}
