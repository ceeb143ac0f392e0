// A server that takes a connection however it comes (PROXY protocol or not, TLS or not, HTTP/1.1 or HTTP/2), and says in its answer how.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { performServerHandshake } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { endingOf } from "../envoy/end-server.ts";

/** How a request arrived. */
export interface Account {
  readonly http: "1.1" | "2";
  /** Undefined for plain text; empty for TLS without. */
  readonly sni?: string;
  readonly hasCertificate: boolean;
  readonly proxyProtocol: "V1" | "V2" | undefined;
}

export interface FrankServer {
  stop(): Promise<void>;
}

export interface FrankOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly privateKey: string;
}

type Connection = Omit<Account, "http">;

export async function startFrankServer(options: FrankOptions): Promise<FrankServer> {
  const { name, host, port, certificate, privateKey } = options;
  const connections = new WeakMap<object, Connection>();
  const http1 = createHttpServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const connection = connections.get(request.socket);
    if (!connection) throw new Error("an unknown connection");
    response.writeHead(200, { "x-server": name }).end(accountOf("1.1", connection));
  });
  const speakHttp1 = (socket: Socket, connection: Connection) => {
    connections.set(socket, connection);
    http1.emit("connection", socket);
  };
  const speakHttp2 = (socket: Socket, connection: Connection) => {
    const session = performServerHandshake(socket);
    session.on("error", () => socket.destroy());
    session.on("stream", (stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200, "x-server": name });
      stream.end(accountOf("2", connection));
    });
  };

  const server: Server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const { proxyProtocol, rest } = withoutProxyHeader(socket.read() ?? Buffer.alloc(0));
      const plain = { proxyProtocol, hasCertificate: false };
      const begin = (bytes: Buffer) => {
        socket.unshift(bytes);
        if (bytes[0] === 0x16) return openTls(socket, plain);
        if (bytes.toString("latin1", 0, 3) === "PRI") return speakHttp2(socket, plain);
        return speakHttp1(socket, plain);
      };
      if (rest.length > 0) begin(rest);
      else socket.once("readable", () => begin(socket.read() ?? Buffer.alloc(0)));
    });
  });
  /** By the port that the client has. */
  const plainOnes = new Map<number | undefined, Connection>();
  const tlsServer = createTlsServer({
    cert: certificate,
    key: privateKey,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2", "http/1.1"],
  });
  tlsServer.on("tlsClientError", (_error, socket) => socket.destroy());
  tlsServer.on("secureConnection", (socket) => {
    socket.on("error", () => socket.destroy());
    const plain = plainOnes.get(socket.remotePort);
    plainOnes.delete(socket.remotePort);
    if (!plain) throw new Error("an unknown connection");
    const sni = typeof socket.servername === "string" ? socket.servername : "";
    const connection = { ...plain, sni, hasCertificate: socket.getPeerX509Certificate() !== undefined };
    if (socket.alpnProtocol === "h2") speakHttp2(socket, connection);
    else speakHttp1(socket, connection);
  });
  const openTls = (socket: Socket, plain: Connection) => {
    plainOnes.set(socket.remotePort, plain);
    tlsServer.emit("connection", socket);
  };

  const stop = endingOf(server);
  server.listen(port, host);
  await once(server, "listening");
  return { stop };
}

function accountOf(http: Account["http"], connection: Connection): string {
  return JSON.stringify({ http, ...connection } satisfies Account);
}

const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

/** Whole headers arrive at once, on loopback. */
function withoutProxyHeader(bytes: Buffer): { proxyProtocol: Account["proxyProtocol"]; rest: Buffer } {
  if (bytes.toString("latin1", 0, 6) === "PROXY ") {
    return { proxyProtocol: "V1", rest: bytes.subarray(bytes.indexOf("\r\n") + 2) };
  }
  if (bytes.subarray(0, 12).equals(signature)) {
    return { proxyProtocol: "V2", rest: bytes.subarray(16 + bytes.readUInt16BE(14)) };
  }
  return { proxyProtocol: undefined, rest: bytes };
}
