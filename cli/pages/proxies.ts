// The proxies that are connected to a running server, and the one that somebody means.

import type { ProxySync } from "#runtime";
import { CommandFailed, UsageError } from "../exit.ts";
import type { HostPort } from "../options/host-port.ts";
import { askServer } from "./ask.ts";

/** By name. One that has reconnected while its old stream lingers is listed once, as it is now. */
export async function connectedProxies(at: HostPort): Promise<readonly ProxySync[]> {
  const streams = await askServer<readonly ProxySync[]>(at, "/debug/syncz");
  const newest = new Map<string, ProxySync>();
  for (const stream of streams) {
    const known = newest.get(stream.name);
    if (!known || known.connectedAt <= stream.connectedAt) newest.set(stream.name, stream);
  }
  return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `reviews-v1.default`, or `reviews-v1` where only one namespace has it; undefined when it is not connected. */
export function findProxy(proxies: readonly ProxySync[], wanted: string): ProxySync | undefined {
  const exact = proxies.find(({ name }) => name === wanted);
  const [found, another] = proxies.filter(({ name }) => name.startsWith(`${wanted}.`));
  if (exact || !another) return exact ?? found;
  throw new UsageError(`${wanted} may be ${found?.name} or ${another.name}: which one?`);
}

const mostNamed = 10;

/** Says which ones are connected instead. */
export function notConnected(wanted: string, proxies: readonly ProxySync[]): CommandFailed {
  const names = proxies.map(({ name }) => name);
  const rest = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  const others =
    names.length === 0 ? "no proxy is" : `these are: ${names.slice(0, mostNamed).join(", ")}${rest}`;
  return new CommandFailed(`no proxy ${wanted} is connected; ${others}`);
}
