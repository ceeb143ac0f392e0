// What the system says of a process that does not say it itself. Linux only.

import { readFileSync } from "node:fs";

/** Milliseconds of user and system time, of all threads, in steps of ten; 0 where the system does not say. */
export function cpuMsOf(pid: number | undefined): number {
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const [user, system] = rest.split(" ").slice(11, 13);
    return 10 * (Number(user) + Number(system));
  } catch {
    return 0;
  }
}

/** The resident set in bytes. Throws where the system does not say. */
export function residentBytesOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error(`the system does not say what process ${pid} has in memory`);
  return 1024 * Number(kilobytes);
}
