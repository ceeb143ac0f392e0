// Looks at a server again and again until its proxies have what it has for them, or time is up.

import { setTimeout as sleep } from "node:timers/promises";
import type { ProxySync } from "#runtime";
import type { HostPort } from "../options/host-port.ts";
import { ServerUnreachable } from "../pages/ask.ts";
import { connectedProxies, findProxy } from "../pages/proxies.ts";
import { judge, type Verdict } from "./verdict.ts";

export interface Awaited {
  readonly verdict: Verdict;
  /** As they were last seen: all, or the one that was asked for. */
  readonly proxies: readonly ProxySync[];
}

/** A file that was saved just before may take this long to be noticed, read and compiled. */
const settledMs = 200;
const everyMs = 50;

/**
 * Ends early only with a verdict that has stood for 0.2 s. A server that does not answer yet is waited for like a proxy
 * that is not there yet; throws its `ServerUnreachable` when time is up.
 */
export async function waitForSync(
  at: HostPort,
  name: string | undefined,
  timeoutMs: number,
): Promise<Awaited> {
  const deadline = performance.now() + timeoutMs;
  let since = performance.now();
  let before = "";
  for (;;) {
    const now = performance.now();
    try {
      const proxies = await wanted(at, name);
      const verdict = judge(proxies);
      const seen = JSON.stringify([verdict, proxies.map((proxy) => [proxy.name, proxy.version])]);
      if (seen !== before) since = now;
      before = seen;
      if (verdict !== "waiting" && now - since >= settledMs) return { verdict, proxies };
      if (now >= deadline) return { verdict: "waiting", proxies };
    } catch (error) {
      if (!(error instanceof ServerUnreachable) || now >= deadline) throw error;
    }
    await sleep(everyMs);
  }
}

async function wanted(at: HostPort, name: string | undefined): Promise<readonly ProxySync[]> {
  const proxies = await connectedProxies(at);
  if (name === undefined) return proxies;
  const found = findProxy(proxies, name);
  return found ? [found] : [];
}
