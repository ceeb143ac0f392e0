// The applications of a test mesh: servers that say who they are, do what a request asks of them, and remember what
// reached them.

import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { endingOf } from "../envoy/end-server.ts";

export interface ApplicationOptions {
  /** What it calls itself: `reviews-v1`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `tcp` answers `name: ` at once, then what it is sent: a protocol in which the server speaks first. */
  readonly protocol?: "http" | "tcp";
  /** PEM; with `clientRoots` it demands a client certificate. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string; readonly clientRoots?: string };
}

/** What reached a server, and what it answers with, as JSON. */
export interface Seen {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** SNI of a TLS connection; empty without. */
  readonly sni: string;
  /** URI and DNS names of the client's certificate, as Node prints them; empty without. */
  readonly clientCertificate: string;
}

export interface Application {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Requests, oldest first (TCP: one per connection, with only `server` telling anything). */
  readonly seen: readonly Seen[];
  forget(): void;
  stop(): Promise<void>;
}

/**
 * Listens before it resolves. HTTP requests may carry `x-reply` (`503,200`: statuses by attempt; `grpc-14` is 200 with that
 * gRPC status, `reset` cuts the connection) and `x-wait` (milliseconds), with `x-wait-at` only at the server of that name.
 * Attempts are counted by the value of `x-call`. `x-say` (`x-a=1,x-b=2`) asks for headers of the answer.
 */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { name, host, port, protocol = "http", tls } = options;
  const seen: Seen[] = [];
  const attempts = new Map<string, number>();
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readAll(request);
    const what = describe(name, request, body);
    seen.push(what);
    const call = what.headers["x-call"] ?? "";
    const attempt = attempts.get(call) ?? 0;
    attempts.set(call, attempt + 1);
    const { "x-wait": wait = "0", "x-wait-at": waitsAt = name } = what.headers;
    if (waitsAt === name) await sleep(Number(wait));
    const replies = (what.headers["x-reply"] ?? "200").split(",");
    const reply = replies[Math.min(attempt, replies.length - 1)] ?? "200";
    if (reply === "reset") {
      request.socket.destroy();
      return;
    }
    const [, grpcStatus] = /^grpc-(\d+)$/.exec(reply) ?? [];
    response.writeHead(grpcStatus === undefined ? Number(reply) : 200, {
      "content-type": "application/json",
      "x-server": name,
      ...(grpcStatus !== undefined && { "grpc-status": grpcStatus }),
      ...Object.fromEntries((what.headers["x-say"]?.split(",") ?? []).map((pair) => pair.split("="))),
    });
    response.end(JSON.stringify(what));
  };
  const onConnection = (socket: Socket) => {
    seen.push({
      server: name,
      method: "",
      path: "",
      authority: "",
      headers: {},
      body: "",
      sni: sniOf(socket),
      clientCertificate: "",
    });
    socket.on("error", () => socket.destroy());
    socket.write(`${name}: `);
    socket.pipe(socket);
  };
  const server = createServer(protocol, tls, onRequest, onConnection);
  const stop = endingOf(server);
  server.on("tlsClientError", () => {});
  server.listen(port, host);
  await once(server, "listening");
  return {
    name,
    host,
    port,
    seen,
    forget() {
      seen.length = 0;
    },
    stop,
  };
}

function createServer(
  protocol: "http" | "tcp",
  tls: ApplicationOptions["tls"],
  onRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  onConnection: (socket: Socket) => void,
): Server {
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    onRequest(request, response).catch(() => response.destroy());
  };
  const secure = tls && {
    cert: tls.certificate,
    key: tls.privateKey,
    ...(tls.clientRoots ? { ca: tls.clientRoots, requestCert: true, rejectUnauthorized: true } : {}),
  };
  if (protocol === "http") return secure ? createHttpsServer(secure, handle) : createHttpServer(handle);
  if (secure) return createTlsServer(secure, onConnection);
  return createTcpServer({ allowHalfOpen: true }, onConnection);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function sniOf(socket: Socket): string {
  return "servername" in socket && typeof socket.servername === "string" ? socket.servername : "";
}

function clientNames(socket: Socket): string {
  if (!("getPeerCertificate" in socket) || typeof socket.getPeerCertificate !== "function") return "";
  return String(socket.getPeerCertificate().subjectaltname ?? "");
}

function describe(server: string, request: IncomingMessage, body: string): Seen {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return {
    server,
    method: request.method ?? "",
    path: request.url ?? "",
    authority: request.headers.host ?? "",
    headers,
    body,
    sni: sniOf(request.socket),
    clientCertificate: clientNames(request.socket),
  };
}
