// How many files and sockets a process of this machine may have open.

import { readFileSync } from "node:fs";

/** As many connections, with room for whatever else a process has open. */
export function mostConnections(): number {
  return openFilesLimit() - 500;
}

/** The hard limit, to which Node raises its own when it starts. Infinity where the system does not say. */
function openFilesLimit(): number {
  try {
    const [, hard] = /^Max open files +\S+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
