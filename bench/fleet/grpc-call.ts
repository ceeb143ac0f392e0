// One gRPC call on a connection of its own, as every Envoy has: whole messages out of HTTP/2 and into it. A fraction of
// what a gRPC client costs, because the clients of a benchmark share the machine with the server that is measured.

import { connect } from "node:http2";

export interface CallOptions {
  readonly port: number;
  readonly path: string;
  /** PEM: over TLS; absent: plain text. */
  readonly roots?: string | undefined;
  readonly token?: string | undefined;
  readonly onMessage: (message: Buffer) => void;
  /** Once, unless it was closed from here. */
  readonly onEnd: (why: string) => void;
}

export interface GrpcCall {
  /** What `frameMessage` made. */
  send(frame: Buffer): void;
  /** Cuts the connection. */
  close(): void;
}

// As in Envoy's own defaults for a gRPC cluster, so that the server meets the same flow control.
const streamWindow = 16 * 1024 * 1024;
const connectionWindow = 24 * 1024 * 1024;

export function openCall(options: CallOptions): GrpcCall {
  const { port, path, roots, token, onMessage } = options;
  const session = connect(`${roots === undefined ? "http" : "https"}://127.0.0.1:${port}`, {
    settings: { initialWindowSize: streamWindow, enablePush: false },
    ...(roots === undefined ? {} : { ca: roots, servername: "fairlead" }),
  });
  let over = false;
  let why = "the connection was closed";
  const end = () => {
    if (over) return;
    over = true;
    session.destroy();
    options.onEnd(why);
  };
  const because = (error: Error) => {
    why = error.message;
  };
  session.once("connect", () => session.setLocalWindowSize(connectionWindow));
  session.on("error", because);
  session.once("close", end);
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  const readStatus = (headers: { readonly [name: string]: unknown }) => {
    const { "grpc-status": status, "grpc-message": message = "" } = headers;
    if (status !== undefined) why = `gRPC status ${status}: ${message}`;
  };
  stream.on("response", readStatus);
  stream.on("trailers", readStatus);
  stream.on("error", because);
  stream.once("close", end);
  stream.on("data", messagesIn(onMessage));
  return {
    send: (frame) => void stream.write(frame),
    close: () => {
      over = true;
      session.destroy();
    },
  };
}

const prefixLength = 5;

/** A message as it goes over the wire: not compressed, its length, its parts. */
export function frameMessage(parts: readonly Buffer[]): Buffer {
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32BE(
    parts.reduce((sum, { length }) => sum + length, 0),
    1,
  );
  return Buffer.concat([prefix, ...parts]);
}

/** Room for messages that come in pieces, used again and again: fresh memory for each would cost more than reading it. */
const rooms: Buffer[] = [];
const leastRoom = 1024 * 1024;

/**
 * Takes pieces as they come, hands out whole messages. A message is valid until `take` returns: what it lies in is used
 * again.
 */
export function messagesIn(take: (message: Buffer) => void): (piece: Buffer) => void {
  let room: Buffer | undefined;
  let length = 0;
  /** Of the message that `room` is for, its prefix included; until that has come, of the prefix. */
  let wanted = prefixLength;
  const put = (piece: Buffer, from: number): number => {
    const count = Math.min(wanted - length, piece.length - from);
    room ??= roomFor(leastRoom);
    piece.copy(room, length, from, from + count);
    length += count;
    return from + count;
  };
  return (piece) => {
    let at = 0;
    while (at < piece.length) {
      if (length === 0) {
        // The common case of a small message: it lies whole in one piece.
        const end = at + prefixLength <= piece.length ? at + prefixLength + piece.readUInt32BE(at + 1) : 0;
        if (end > 0 && end <= piece.length) {
          take(piece.subarray(at + prefixLength, end));
          at = end;
          continue;
        }
      }
      at = put(piece, at);
      if (length < wanted || !room) continue;
      if (wanted === prefixLength) {
        wanted += room.readUInt32BE(1);
        if (wanted > room.length) room = moveTo(roomFor(wanted), room, length);
        if (wanted > prefixLength) continue;
      }
      const whole = room;
      room = undefined;
      take(whole.subarray(prefixLength, wanted));
      rooms.push(whole);
      length = 0;
      wanted = prefixLength;
    }
  };
}

function roomFor(length: number): Buffer {
  const at = rooms.findLastIndex((room) => room.length >= length);
  const [room] = at < 0 ? [] : rooms.splice(at, 1);
  return room ?? Buffer.allocUnsafeSlow(Math.max(leastRoom, length));
}

function moveTo(room: Buffer, before: Buffer, length: number): Buffer {
  before.copy(room, 0, 0, length);
  rooms.push(before);
  return room;
}
