// One gRPC call as its server sees it (gRPC over HTTP/2): whole messages in, messages and in the end a status out. Knows no service.

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { MessageReader, prefixBytes } from "./message-reader.ts";
import { type Status, type StatusName, statusCodes } from "./status.ts";

/** Whom a connection is with. */
export interface Remote {
  /** Address and port. */
  readonly address: string;
  /** DER; only of a client whose chain TLS has verified. */
  certificate(): Uint8Array | undefined;
}

/** What a call is told. */
export interface CallListener {
  message(bytes: Buffer): void;
  /** The client will say no more. */
  halfClosed(): void;
  /** It is over, however that came about: once, and the last that is told. */
  closed(how: "ended" | "reset"): void;
}

/** What can be written: bytes that are in memory already are sent from where they are. */
export interface Outgoing {
  readonly byteLength: number;
  /** All of it in order, with so many bytes free at the beginning of the first. */
  pieces(free: number): readonly Buffer[];
}

/** A client that has a status may take so long to stop talking. */
const lingerMs = 1_000;

export interface CallLimits {
  /** Of one request. */
  readonly maxMessageBytes: number;
  /** A mistake of ours, which costs the call that it shows on. */
  readonly onFailure: (error: unknown) => void;
}

const nobody: CallListener = { message: () => {}, halfClosed: () => {}, closed: () => {} };

export class Call {
  readonly remote: Remote;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #reader: MessageReader;
  readonly #onFailure: CallLimits["onFailure"];
  #listener = nobody;
  #waiting: Buffer[] = [];
  #isPaused = false;
  #isHalfClosed = false;
  #isOver = false;
  #status: Status | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, remote: Remote, limits: CallLimits) {
    this.remote = remote;
    this.#onFailure = limits.onFailure;
    this.#stream = stream;
    this.#headers = headers;
    const message = (bytes: Buffer) => this.#take(bytes);
    this.#reader = new MessageReader(
      { message, malformed: ({ code, details }) => this.end(code, details) },
      limits.maxMessageBytes,
    );
    stream.on("data", (piece: Buffer) => this.#reader.read(piece));
    stream.on("end", () => {
      if (this.#reader.isCut) this.end("INVALID_ARGUMENT", "the stream ended in the middle of a message");
      this.#isHalfClosed = true;
      if (!this.#isPaused) this.#deliver();
    });
    stream.on("wantTrailers", () => stream.sendTrailers(trailersOf(this.#status ?? broken)));
    stream.on("aborted", () => this.#close("reset"));
    stream.on("close", () => this.#close("ended"));
    // It always closes after that.
    stream.on("error", () => undefined);
    this.#setDeadline();
  }

  /** Whoever is to hear what comes from now on. */
  listen(listener: CallListener): void {
    this.#listener = listener;
  }

  /** The value of a header; undefined where there is none. */
  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** Nothing more is delivered until `resume`. */
  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliver();
    if (!this.#isPaused) this.#stream.resume();
  }

  /** It has a status, or its client is gone. */
  get isOver(): boolean {
    return this.#isOver || this.#status !== undefined || this.#stream.destroyed || this.#stream.closed;
  }

  /**
   * `written` is called once the message has left for the network, with an error where it cannot any more; never for a call that is
   * over already.
   */
  write(message: Outgoing, written: (error?: Error | null) => void = () => {}): void {
    if (this.isOver) return;
    if (!this.#stream.headersSent) this.#stream.respond(responseHeaders, { waitForTrailers: true });
    const pieces = message.pieces(prefixBytes);
    const [first] = pieces;
    first?.writeUInt8(0, 0);
    first?.writeUInt32BE(message.byteLength, 1);
    if (pieces.length === 1) {
      this.#stream.write(first, written);
      return;
    }
    this.#stream.cork();
    for (const [index, piece] of pieces.entries()) {
      if (index < pieces.length - 1) this.#stream.write(piece);
      else this.#stream.write(piece, written);
    }
    this.#stream.uncork();
  }

  /** After what has been written, the status. Idempotent: the first one counts. */
  end(code: StatusName, details = ""): void {
    if (this.isOver) return;
    this.#status = { code, details };
    clearTimeout(this.#timer);
    const stream = this.#stream;
    if (stream.headersSent) stream.end();
    else stream.respond({ ...responseHeaders, ...trailersOf(this.#status) }, { endStream: true });
    // What the client still says is not heard. Told at once to keep it, it would take that for the end, before the status.
    stream.resume();
    this.#timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs).unref();
  }

  /** Does something for the call; what goes wrong by a mistake of ours ends it, and nothing else. */
  guard(doIt: () => void): void {
    try {
      doIt();
    } catch (error) {
      this.#onFailure(error);
      this.end("INTERNAL", "the server failed");
    }
  }

  #take(bytes: Buffer): void {
    if (this.isOver) return;
    if (this.#isPaused) this.#waiting.push(bytes);
    else this.guard(() => this.#listener.message(bytes));
  }

  #deliver(): void {
    while (!this.#isPaused && !this.isOver) {
      const next = this.#waiting.shift();
      if (!next) break;
      this.guard(() => this.#listener.message(next));
    }
    if (!this.#isHalfClosed || this.#isPaused || this.isOver) return;
    this.#isHalfClosed = false;
    this.guard(() => this.#listener.halfClosed());
  }

  #close(how: "ended" | "reset"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.guard(() => this.#listener.closed(how));
  }

  #setDeadline(): void {
    const ms = timeoutMs(this.header("grpc-timeout"));
    if (ms === undefined) return;
    this.#timer = setTimeout(
      () => this.end("DEADLINE_EXCEEDED", "the time that the client gives is up"),
      Math.min(ms, 2 ** 31 - 1),
    );
    this.#timer.unref();
  }
}

const responseHeaders = {
  ":status": 200,
  "content-type": "application/grpc+proto",
  "grpc-accept-encoding": "identity",
} as const;

const broken: Status = { code: "INTERNAL", details: "" };

function trailersOf({ code, details }: Status): Readonly<Record<string, string>> {
  return {
    "grpc-status": String(statusCodes[code]),
    ...(details === "" ? {} : { "grpc-message": escaped(details) }),
  };
}

/** Percent-encoded UTF-8, but for printable ASCII (gRPC over HTTP/2, "Status-Message"). */
function escaped(details: string): string {
  return details.toWellFormed().replaceAll(/[^ -$&-~]+/g, encodeURIComponent);
}

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

function timeoutMs(header: string | undefined): number | undefined {
  const [, value, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(header ?? "") ?? [];
  return value === undefined ? undefined : Number(value) * (unitMs[unit] ?? 0);
}
