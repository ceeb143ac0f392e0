// Sockets: accepts connections, plaintext on loopback only or TLS, and hands them to a gRPC server. Owns its net or tls
// server, so that it can stop accepting, change its certificate and cut one connection. Knows nothing of xDS.

import { lookup } from "node:dns/promises";
import net, { type AddressInfo, BlockList, type Server as NetServer, type Socket } from "node:net";
import tls from "node:tls";
import type { GrpcServer } from "../transport/grpc-server.ts";

export interface HostPort {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** What the TLS port serves with; all PEM. */
export interface ServingCertificates {
  /** Leaf first. */
  readonly certificateChain: string;
  readonly privateKey: string;
  /** Roots against which a client certificate is verified, if the client has one. */
  readonly clientRoots: string;
}

/** A port that accepts connections, or the reason why it does not. */
export type ListenResult<L> =
  | { readonly ok: true; readonly listener: L }
  | { readonly ok: false; readonly message: string };

/** An open port. */
export class Listener {
  readonly address: HostPort;
  readonly #server: NetServer;
  readonly #grpc: GrpcServer;
  readonly #sockets: ReadonlyMap<string, Socket>;

  constructor(server: NetServer, grpc: GrpcServer, sockets: ReadonlyMap<string, Socket>) {
    const { address, port } = server.address() as AddressInfo;
    this.address = { host: address, port };
    this.#server = server;
    this.#grpc = grpc;
    this.#sockets = sockets;
  }

  /** No new connections; the existing ones are told to go away, and are cut after `graceMs`. */
  drain(graceMs: number): void {
    this.#server.close();
    this.#grpc.drain(graceMs);
  }

  /** Resolves when nobody is connected any more. */
  async closed(): Promise<void> {
    const open = [...this.#sockets.values()];
    await Promise.all(open.map((socket) => new Promise((done) => socket.once("close", done))));
  }

  /** Cuts the connection of a peer at once, whatever is under way on it. */
  cut(peer: string): void {
    this.#sockets.get(peer)?.destroy();
  }

  /** Cuts what is left. */
  destroy(): void {
    this.#server.close();
    this.#grpc.destroy();
    for (const socket of this.#sockets.values()) socket.destroy();
  }
}

/** An open TLS port, whose certificates can be replaced; connections already open keep theirs. */
export class TlsListener extends Listener {
  readonly #tls: tls.Server;

  constructor(server: tls.Server, grpc: GrpcServer, sockets: ReadonlyMap<string, Socket>) {
    super(server, grpc, sockets);
    this.#tls = server;
  }

  /** Throws where the certificate and key do not fit together, and goes on with the old ones. */
  replaceCertificates(certificates: ServingCertificates): void {
    this.#tls.setSecureContext(contextOf(certificates));
  }
}

const keepAlive = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Opens a plaintext port. Refuses any address that can be reached from elsewhere. */
export async function listenPlaintext(grpc: GrpcServer, at: HostPort): Promise<ListenResult<Listener>> {
  const found = await resolve(at.host);
  if (!found) return { ok: false, message: `cannot resolve ${at.host}` };
  if (!loopback.check(found.address, found.family === 6 ? "ipv6" : "ipv4")) {
    return {
      ok: false,
      message: `the plaintext xDS port must bind to a loopback address, not ${at.host}: use the TLS port for other hosts`,
    };
  }
  const sockets = new Map<string, Socket>();
  const server = net.createServer(keepAlive, (socket) => {
    remember(socket, sockets);
    grpc.accept(socket);
  });
  return listen(server, { host: found.address, port: at.port }, () => new Listener(server, grpc, sockets));
}

/** Opens a TLS port. A client certificate is asked for and verified if given; without one a client is nobody yet. */
export async function listenTls(
  grpc: GrpcServer,
  at: HostPort,
  certificates: ServingCertificates,
): Promise<ListenResult<TlsListener>> {
  const found = await resolve(at.host);
  if (!found) return { ok: false, message: `cannot resolve ${at.host}` };
  let server: tls.Server;
  try {
    server = tls.createServer({
      ...keepAlive,
      ...contextOf(certificates),
      ALPNProtocols: ["h2"],
      requestCert: true,
      // An unverified certificate counts as none: `authorized` is false, and no call shows it.
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
    });
  } catch (error) {
    return { ok: false, message: `the xDS port's certificate cannot be used: ${messageOf(error)}` };
  }
  const sockets = new Map<string, Socket>();
  server.on("secureConnection", (socket) => {
    remember(socket, sockets);
    grpc.accept(socket);
  });
  // A client that breaks off its handshake is no event of ours.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return listen(server, { host: found.address, port: at.port }, () => new TlsListener(server, grpc, sockets));
}

function contextOf({
  certificateChain,
  privateKey,
  clientRoots,
}: ServingCertificates): tls.SecureContextOptions {
  return { cert: certificateChain, key: privateKey, ca: clientRoots, minVersion: "TLSv1.2" };
}

/** By the address that a call has of its client. */
function remember(socket: Socket, sockets: Map<string, Socket>): void {
  const peer = `${socket.remoteAddress}:${socket.remotePort}`;
  sockets.set(peer, socket);
  socket.on("error", () => socket.destroy());
  socket.once("close", () => {
    if (sockets.get(peer) === socket) sockets.delete(peer);
  });
}

async function resolve(host: string): Promise<{ address: string; family: number } | undefined> {
  try {
    return await lookup(host);
  } catch {
    return undefined;
  }
}

function listen<L>(server: NetServer, at: HostPort, opened: () => L): Promise<ListenResult<L>> {
  return new Promise((done) => {
    const failed = (error: Error) =>
      done({ ok: false, message: `cannot listen on ${at.host}:${at.port}: ${error.message}` });
    server.once("error", failed);
    server.listen(at.port, at.host, () => {
      server.off("error", failed);
      done({ ok: true, listener: opened() });
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
