// Small clients for tests: one HTTP/1.1 request, or one exchange of bytes. They never throw for what a server answered.

import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";

export interface RequestOptions {
  /** Where to connect. Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  /** Default `/`. An absolute URL makes it a request to a forward proxy. */
  readonly path?: string;
  readonly method?: string;
  /** The `host` header decides which virtual host answers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request on its own connection. Rejects when the connection fails or nothing comes within the timeout (5 s). */
export function request(options: RequestOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: options.host ?? "127.0.0.1",
        port: options.port,
        path: options.path ?? "/",
        method: options.method ?? "GET",
        headers: { ...options.headers },
        timeout: options.timeoutMs ?? 5000,
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.once("error", reject);
        incoming.once("end", () => {
          const body = Buffer.concat(chunks).toString();
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
        });
      },
    );
    outgoing.once("error", reject);
    outgoing.once("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.end(options.body);
  });
}

/** Sends the text, half-closes, and gives what came back before the end. Rejects when the connection fails. */
export function exchange(port: number, text: string, host = "127.0.0.1"): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host, port }, () => socket.end(text));
    socket.setTimeout(5000, () => socket.destroy(new Error("no answer in time")));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("error", reject);
    socket.once("end", () => resolve(Buffer.concat(chunks).toString()));
  });
}
