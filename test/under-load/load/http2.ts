// Steady HTTP/2 requests on one connection; a connection that the proxy tells us to leave (GOAWAY) is left for a new one.

import { type ClientHttp2Session, connect } from "node:http2";
import { type Flow, fail, newTally, patience, steadily } from "./tally.ts";

export interface Http2Options {
  readonly name: string;
  readonly perSecond: number;
  readonly host: string;
  readonly port: number;
  readonly authority: string;
}

export function startHttp2(options: Http2Options): Flow {
  const { name, perSecond, host, port, authority } = options;
  const tally = newTally(name);
  let session: ClientHttp2Session | undefined;
  const current = (): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session;
    tally.opened++;
    const made = connect(`http://${host}:${port}`);
    made.on("error", (error) => fail(tally, `connection: ${error.message}`));
    made.once("goaway", () => {
      if (session === made) session = undefined;
    });
    session = made;
    return made;
  };
  const send = () =>
    new Promise<void>((done) => {
      const stream = current().request({ ":path": "/", ":authority": authority });
      let status = 0;
      let settled = false;
      const end = (problem?: string) => {
        if (settled) return;
        settled = true;
        cancel();
        if (problem === undefined) tally.ok++;
        else fail(tally, problem);
        done();
      };
      const cancel = patience(() => {
        end("no answer in time");
        stream.destroy();
      });
      stream.once("response", (headers) => {
        status = headers[":status"] ?? 0;
      });
      let body = "";
      stream.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      stream.once("error", (error) => end(error.message));
      stream.once("end", () => end(status === 200 ? undefined : `${status} ${body.slice(0, 120)}`));
      stream.once("close", () => end(`closed with ${stream.rstCode}`));
      stream.end();
    });
  const sending = steadily(perSecond, send);
  return {
    tally,
    async stop() {
      await sending.stop();
      session?.close();
    },
  };
}
