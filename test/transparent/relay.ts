// A socket file that leads to a TCP port: how Envoys in other network namespaces reach the control plane in this one.

import { once } from "node:events";
import { chmodSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";

export interface Relay {
  stop(): Promise<void>;
}

export async function startRelay(
  path: string,
  to: { readonly host: string; readonly port: number },
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.once("close", () => {
        sockets.delete(from);
        into.destroy();
      });
      from.on("error", () => from.destroy());
      from.pipe(into);
    }
  });
  server.listen(path);
  await once(server, "listening");
  // Sidecars run as another user.
  chmodSync(path, 0o666);
  return {
    async stop() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
