// Ends a server of a test together with what is connected to it, as a process that ends does.

import { once } from "node:events";
import type { Server, Socket } from "node:net";

/** To be asked before it listens; what comes back closes it, cuts its connections, and resolves when all is closed. */
export function endingOf(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
}
