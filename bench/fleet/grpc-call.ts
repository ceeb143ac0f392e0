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

/** Takes pieces as they come, hands out whole messages. Copies a message once, and one that comes in one piece never. */
function messagesIn(take: (message: Buffer) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let length = 0;
  let wanted = prefixLength;
  return (piece) => {
    pieces.push(piece);
    length += piece.length;
    if (length < wanted) return;
    let bytes = pieces.length === 1 ? piece : Buffer.concat(pieces, length);
    wanted = prefixLength;
    while (bytes.length >= prefixLength) {
      const whole = prefixLength + bytes.readUInt32BE(1);
      if (bytes.length < whole) {
        wanted = whole;
        break;
      }
      take(bytes.subarray(prefixLength, whole));
      bytes = bytes.subarray(whole);
    }
    pieces = bytes.length > 0 ? [bytes] : [];
    length = bytes.length;
  };
}
