// A socket file that leads to a TCP port: how Envoys in other network namespaces reach the control plane in this one.

import { once } from "node:events";
import { chmodSync } from "node:fs";
import { connect, createServer } from "node:net";
import { endingOf } from "../envoy/end-server.ts";

export interface Relay {
  stop(): Promise<void>;
}

export async function startRelay(
  path: string,
  to: { readonly host: string; readonly port: number },
): Promise<Relay> {
  const server = createServer((near) => {
    const far = connect(to);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      from.once("close", () => into.destroy());
      from.on("error", () => from.destroy());
      from.pipe(into);
    }
  });
  const stop = endingOf(server);
  server.listen(path);
  await once(server, "listening");
  // Sidecars run as another user.
  chmodSync(path, 0o666);
  return { stop };
}
