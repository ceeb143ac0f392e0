// TCP connections that stay open: each sends a line now and then and expects it back. A connection that is closed is a cut,
// and is opened again; one that cannot be opened is a failure.

import { connect, type Socket } from "node:net";
import { cut, type Flow, fail, newTally, patience, steadily } from "./tally.ts";

export interface TcpConnectionsOptions {
  readonly name: string;
  /** As in `FlowTally`. */
  readonly listeners: readonly string[];
  readonly connections: number;
  /** Lines per second on each. */
  readonly perSecond: number;
  readonly host: string;
  readonly port: number;
}

export function startTcpConnections(options: TcpConnectionsOptions): Flow {
  const { name, connections, perSecond, host, port } = options;
  const tally = newTally(name, options.listeners);
  let stopping = false;
  const one = () => {
    let socket: Socket | undefined;
    let awaited: (() => void) | undefined;
    const open = () => {
      tally.opened++;
      let echoed = false;
      const made = connect({ host, port });
      socket = made;
      made.on("data", () => {
        echoed = true;
        tally.ok++;
        awaited?.();
      });
      let error = "";
      made.on("error", (cause) => {
        error = cause.message;
      });
      made.on("end", () => made.end());
      made.once("close", () => {
        if (socket === made) socket = undefined;
        awaited?.();
        if (stopping) return;
        // Until the first echo came, there was nothing to be cut: the connection was never got.
        if (echoed) cut(tally, error || "closed");
        else fail(tally, error || "closed before the first echo");
      });
      return made;
    };
    const sending = steadily(perSecond, async () => {
      if (awaited) return;
      const connection = socket ?? open();
      await new Promise<void>((done) => {
        const cancel = patience(() => {
          fail(tally, "no echo in time");
          awaited?.();
          connection.destroy();
        });
        awaited = () => {
          cancel();
          awaited = undefined;
          done();
        };
        connection.write("ping\n");
      });
    });
    return async () => {
      await sending.stop();
      socket?.destroy();
    };
  };
  const stops = Array.from({ length: connections }, one);
  return {
    tally,
    async stop() {
      stopping = true;
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
