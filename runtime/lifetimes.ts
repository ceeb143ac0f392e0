// Says which certificates among the files end soon or have ended: when that becomes so, and not again. In: the mesh and the time, after
// each change and every hour. Out: warnings that are new.

import { checkLifetimes, type Diagnostic, type Mesh } from "#compiler";
import { newAmong } from "./diagnostics-log.ts";

export interface LifetimeWatch {
  /** After a change. */
  look(): void;
  close(): void;
}

const everyMs = 60 * 60 * 1000;

export interface LifetimeSources {
  readonly mesh: () => Mesh;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly say: (warnings: readonly Diagnostic[]) => void;
}

export function watchLifetimes({ mesh, now, say }: LifetimeSources): LifetimeWatch {
  let said: readonly Diagnostic[] = [];
  const look = (): void => {
    const warnings = checkLifetimes(mesh(), now());
    const fresh = newAmong(warnings, said);
    // What is not wrong any more is forgotten, to be told of again if it comes back.
    said = warnings;
    if (fresh.length > 0) say(fresh);
  };
  const timer = setInterval(look, everyMs).unref();
  return { look, close: () => clearInterval(timer) };
}
