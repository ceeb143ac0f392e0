// Servers for tests that say who they are and what reached them.

import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { endingOf } from "./end-server.ts";

export interface EchoOptions {
  /** What it calls itself: `reviews-v1`. */
  readonly name: string;
  /** Default `http`. `http2` is without TLS, by prior knowledge. */
  readonly protocol?: "http" | "http2" | "tcp";
  readonly host?: string;
  /** 0, the default: a free one. */
  readonly port?: number;
  /** HTTP status of every answer. Default 200. */
  readonly status?: number;
}

export interface EchoServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** How many requests (TCP: connections) it has had. */
  readonly hits: number;
  stop(): Promise<void>;
}

/** What an HTTP echo server answers, as JSON. */
export interface Echo {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly httpVersion: string;
  /** `host` or `:authority`. */
  readonly authority: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

/** Starts listening before it resolves. A TCP one answers `name: ` and whatever it was sent, then closes. */
export async function startEchoServer(options: EchoOptions): Promise<EchoServer> {
  const { name, protocol = "http", host = "127.0.0.1", port = 0, status = 200 } = options;
  let hits = 0;
  const onRequest: OnRequest = (request, response) => {
    hits++;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const echo = describe(name, request, Buffer.concat(chunks).toString());
      response.statusCode = status;
      response.setHeader("content-type", "application/json");
      response.setHeader("x-server", name);
      response.end(JSON.stringify(echo));
    });
  };
  const onConnection = (socket: Socket) => {
    hits++;
    socket.on("error", () => socket.destroy());
    socket.write(`${name}: `);
    socket.pipe(socket);
  };
  const server = createServer(protocol, onRequest, onConnection);
  const stop = endingOf(server);
  server.listen(port, host);
  await once(server, "listening");
  return {
    name,
    host,
    port: (server.address() as AddressInfo).port,
    get hits() {
      return hits;
    },
    stop,
  };
}

type OnRequest = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

function createServer(
  protocol: "http" | "http2" | "tcp",
  onRequest: OnRequest,
  onConnection: (socket: Socket) => void,
): Server {
  switch (protocol) {
    case "http":
      return createHttpServer(onRequest);
    case "http2":
      return createHttp2Server(onRequest);
    case "tcp":
      return createTcpServer({ allowHalfOpen: true }, onConnection);
  }
}

function describe(server: string, request: IncomingMessage | Http2ServerRequest, body: string): Echo {
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter((entry): entry is [string, string | string[]] => !!entry[1]),
  );
  return {
    server,
    method: request.method ?? "",
    path: request.url ?? "",
    httpVersion: request.httpVersion,
    authority: String(request.headers[":authority"] ?? request.headers.host ?? ""),
    headers,
    body,
  };
}
