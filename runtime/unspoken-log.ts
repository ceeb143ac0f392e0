// Says in the log, once for each stream of a gRPC client without a proxy, what policy asks of it in vain. The text belongs to whoever
// wrote the rule, so that it is a warning with the line.

import { type Mesh, type MeshProxy, unspokenRules } from "#compiler";
import type { Logger } from "./log.ts";
import { placesOf } from "./places.ts";

/** `told` collects what was said on this stream. Says nothing of Envoys. */
export function logUnspoken(log: Logger, mesh: Mesh, proxy: MeshProxy, told: Set<string>): void {
  if (proxy.type !== "proxyless") return;
  for (const { what, origin } of unspokenRules(mesh, proxy)) {
    const [place = ""] = placesOf([origin]);
    if (told.has(`${what} ${place}`)) continue;
    told.add(`${what} ${place}`);
    log.warn({ scope: "ads", proxy: proxy.id, origins: [place] }, `gRPC without a proxy: ${what}`);
  }
}
