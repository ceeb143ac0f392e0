// The signals with which a server is told to stop.

const signals = ["SIGTERM", "SIGINT"] as const;

/** Resolves with the first one; the next one then ends the process at once, as if nobody listened. */
export function untilStopped(): Promise<(typeof signals)[number]> {
  return new Promise((resolve) => {
    const stop = (signal: (typeof signals)[number]) => {
      for (const each of signals) process.off(each, stop);
      resolve(signal);
    };
    for (const each of signals) process.on(each, stop);
  });
}
