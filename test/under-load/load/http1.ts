// Steady HTTP/1.1 requests over kept-alive connections, plain or TLS. Everything but a 200 is a failure.

import { Agent, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { type Flow, fail, newTally, patience, steadily } from "./tally.ts";

export interface Http1Options {
  readonly name: string;
  readonly perSecond: number;
  readonly host: string;
  readonly port: number;
  /** The `host` header; with TLS also the SNI. */
  readonly authority: string;
  readonly path?: string;
  /** PEM; makes it HTTPS. */
  readonly roots?: string;
  /** A new connection per request, instead of at most four that are kept. */
  readonly fresh?: boolean;
}

export function startHttp1(options: Http1Options): Flow {
  const { name, perSecond, host, port, authority, roots, path = "/", fresh = false } = options;
  const tally = newTally(name);
  const pool = { keepAlive: !fresh, maxSockets: fresh ? 64 : 4, scheduling: "fifo" } as const;
  const agent = roots === undefined ? new Agent(pool) : new TlsAgent({ ...pool, maxCachedSessions: 0 });
  const common = { host, port, path, headers: { host: authority } };
  const open = () =>
    roots === undefined
      ? request({ ...common, agent })
      : tlsRequest({ ...common, agent, ca: roots, servername: authority.replace(/:\d+$/, "") });
  const send = () =>
    new Promise<void>((resolve) => {
      const outgoing = open();
      const cancel = patience(() => outgoing.destroy(new Error("no answer in time")));
      const done = () => {
        cancel();
        resolve();
      };
      outgoing.once("response", (incoming) => {
        const flags = incoming.statusCode === 200 ? "" : `${incoming.statusCode}`;
        let body = "";
        incoming.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        incoming.once("error", (error) => {
          fail(tally, `answer broken off: ${error.message}`);
          done();
        });
        incoming.once("end", () => {
          if (flags === "") tally.ok++;
          else fail(tally, `${flags} ${body.slice(0, 120)}`);
          done();
        });
      });
      outgoing.once("error", (error: NodeJS.ErrnoException) => {
        const reused = outgoing.reusedSocket ? " on a kept connection" : "";
        fail(tally, `${error.code ?? ""} ${error.message}${reused}`);
        done();
      });
      outgoing.end();
    });
  const sending = steadily(perSecond, send);
  return {
    tally,
    async stop() {
      await sending.stop();
      agent.destroy();
    },
  };
}
