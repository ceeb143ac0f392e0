// gRPC over connections that somebody else accepts: finds the method of each call, finds out who is gone, and ends connections in
// order. In: sockets. Out: calls. Knows no service, and nothing of encryption but whether a client's certificate was verified.

import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Call, type CallLimits, type Remote } from "./call.ts";

/** By path, `/package.Service/Method`. */
export type Methods = ReadonlyMap<string, (call: Call) => void>;

/** Times in milliseconds. */
export interface GrpcServerSettings extends CallLimits {
  /** How often each client is asked whether it is there, and how long it may take to answer. */
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  /** A connection without a call is ended after so long. */
  readonly maxIdleMs: number;
  /** A connection is ended after about so long (±10 %), and its calls so much later. Default: never. */
  readonly maxAgeMs?: number | undefined;
  readonly maxAgeGraceMs: number;
}

/** What a client may send before we have read it: a proxy that comes back lists all it has in some hundred kilobytes. */
const windowBytes = 1024 * 1024;
const maxCallsPerConnection = 128;

export class GrpcServer {
  readonly #methods: Methods;
  readonly #settings: GrpcServerSettings;
  readonly #connections = new Set<Connection>();
  #isEnding = false;

  constructor(methods: Methods, settings: GrpcServerSettings) {
    this.#methods = methods;
    this.#settings = settings;
  }

  /** A connection on which HTTP/2 is to be spoken; encrypted already if it is to be. */
  accept(socket: Socket): void {
    // Its TLS handshake may have been under way when the port was closed.
    if (this.#isEnding) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#methods, this.#settings);
    this.#connections.add(connection);
    connection.session.once("close", () => this.#connections.delete(connection));
  }

  /** No new connections and calls; calls under way may end by themselves for so long. */
  drain(graceMs: number): void {
    this.#isEnding = true;
    for (const connection of this.#connections) connection.drain(graceMs);
  }

  /** Cuts all connections, and any that is still to come. */
  destroy(): void {
    this.#isEnding = true;
    for (const { session } of this.#connections) session.destroy();
  }
}

class Connection {
  readonly session: ServerHttp2Session;
  readonly #methods: Methods;
  readonly #settings: GrpcServerSettings;
  readonly #remote: Remote;
  readonly #timers = new Set<NodeJS.Timeout>();
  #calls = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(socket: Socket, methods: Methods, settings: GrpcServerSettings) {
    this.#methods = methods;
    this.#settings = settings;
    this.#remote = {
      address: `${socket.remoteAddress}:${socket.remotePort}`,
      certificate: () => verifiedCertificate(socket),
    };
    this.session = performServerHandshake(socket, {
      settings: {
        initialWindowSize: windowBytes,
        maxConcurrentStreams: maxCallsPerConnection,
        enablePush: false,
      },
      // One response is written at a time; Node would refuse the calls of a client that reads it slowly.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    });
    this.session.setLocalWindowSize(windowBytes);
    // Whatever is wrong with a connection ends it, and its calls hear of that.
    this.session.on("error", () => this.session.destroy());
    this.session.on("stream", (stream, headers) => this.#begin(stream, headers));
    this.session.once("close", () => {
      for (const timer of this.#timers) clearTimeout(timer);
      clearTimeout(this.#idle);
    });
    this.#waitIdle();
    this.#keepAlive();
    const { maxAgeMs } = settings;
    if (maxAgeMs === undefined) return;
    this.#later(maxAgeMs * (0.9 + 0.2 * Math.random()), () => this.drain(settings.maxAgeGraceMs));
  }

  drain(graceMs: number): void {
    if (this.session.destroyed) return;
    this.session.close();
    this.#later(graceMs, () => this.session.destroy());
  }

  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#calls += 1;
    clearTimeout(this.#idle);
    stream.once("close", () => {
      this.#calls -= 1;
      if (this.#calls === 0) this.#waitIdle();
    });
    const problem = problemOf(headers);
    if (problem !== undefined) {
      stream.on("error", () => undefined);
      stream.respond({ ":status": problem }, { endStream: true });
      stream.resume();
      return;
    }
    const call = new Call(stream, headers, this.#remote, this.#settings);
    const path = headers[":path"] ?? "";
    const method = this.#methods.get(path);
    if (method) call.guard(() => method(call));
    else call.end("UNIMPLEMENTED", `there is no method ${path}`);
  }

  /** A peer that is gone without a word shows by not answering. */
  #keepAlive(): void {
    const { keepaliveMs, keepaliveTimeoutMs } = this.#settings;
    this.#later(keepaliveMs, () => {
      const late = this.#later(keepaliveTimeoutMs, () => this.session.destroy());
      this.session.ping(() => {
        clearTimeout(late);
        this.#timers.delete(late);
        if (!this.session.destroyed) this.#keepAlive();
      });
    });
  }

  #waitIdle(): void {
    if (this.session.destroyed) return;
    this.#idle = setTimeout(() => this.session.close(), this.#settings.maxIdleMs).unref();
  }

  #later(ms: number, doIt: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      doIt();
    }, ms).unref();
    this.#timers.add(timer);
    return timer;
  }
}

/** HTTP's word for what is no gRPC call (gRPC over HTTP/2, "Requests"). */
function problemOf(headers: IncomingHttpHeaders): number | undefined {
  if (headers[":method"] !== "POST") return constants.HTTP_STATUS_METHOD_NOT_ALLOWED;
  const isGrpc = /^application\/grpc($|[+;])/.test(headers["content-type"] ?? "");
  return isGrpc ? undefined : constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE;
}

/** A certificate that TLS could not verify says nothing about its owner. */
function verifiedCertificate(socket: Socket): Uint8Array | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  return socket.getPeerCertificate().raw;
}
