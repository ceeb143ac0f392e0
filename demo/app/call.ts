// One plain HTTP request, straight or through a forward proxy. Never throws: what goes wrong is an answer too.

import { request as send } from "node:http";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Outgoing {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The sidecar's HTTP proxy: it is asked for the URL, and decides where that leads. Absent: straight to the URL's host. */
  readonly proxy?: Endpoint;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

export interface Incoming {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: string;
  readonly ms: number;
  /** Why no answer came. */
  readonly failure?: string;
}

export function call({
  url,
  method = "GET",
  headers,
  proxy,
  timeoutMs = 10_000,
}: Outgoing): Promise<Incoming> {
  const target = new URL(url);
  const started = performance.now();
  const took = () => Math.round((performance.now() - started) * 10) / 10;
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve({ status: 0, body: "", ms: took(), failure: error.message });
    const outgoing = send(
      {
        host: proxy?.host ?? target.hostname,
        port: proxy?.port ?? (target.port || 80),
        path: proxy ? url : target.pathname + target.search,
        method,
        headers: { ...headers, host: target.host },
        timeout: timeoutMs,
        // A connection of its own: one that a changed listener closes while a request is on its way would fail it.
        agent: false,
      },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
          body += chunk;
        });
        incoming.once("error", fail);
        incoming.once("end", () => resolve({ status: incoming.statusCode ?? 0, body, ms: took() }));
      },
    );
    outgoing.once("error", fail);
    outgoing.once("timeout", () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.end();
  });
}
