// From a new call to a session: reads the first request, asks who the peer is, and starts the stream or refuses it. Knows
// the ports, not the protocol behind them.

import type { SessionSettings } from "../stream/session.ts";
import type { Call } from "../transport/call.ts";
import { AdsStream } from "./ads-stream.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientNode, DecodedRequest } from "./codec.ts";
import type { Dialect } from "./dialect.ts";
import type { Authenticate, Authentication, ConfigPort, Peer, StreamRefusal, XdsClient } from "./port.ts";
import type { SharedLedger } from "./shared-ledger.ts";
import type { Line } from "./turns.ts";

/** What the acceptor needs besides the calls. */
export interface AcceptorOptions {
  readonly port: ConfigPort;
  readonly authenticate: Authenticate;
  readonly settings: SessionSettings;
  readonly now: () => number;
  /** Resolves when one more stream may start. */
  readonly admit: () => Promise<void>;
  readonly memory: ClientMemory;
  readonly ledger: SharedLedger;
  readonly followers: Line<AdsStream>;
  readonly answers: Line<AdsStream>;
  readonly streams: Set<AdsStream>;
  readonly draining: () => boolean;
  readonly newConnectionId: () => string;
}

/** Where a call came in. */
export interface CallOrigin {
  readonly encrypted: boolean;
  readonly dialect: Dialect;
  readonly cut: (peer: string) => void;
}

/**
 * In a node's metadata: the proxy is to discover its virtual hosts. A property of the proxy from its start to its end, since
 * an Envoy that has whole tables cannot be moved to tables in parts without a moment in which they are empty.
 */
export const hostDiscovery = "VHDS";

/** gRPC clients limit a message to 4 MiB unless told otherwise; Envoy does not. */
const grpcClientLimit = 4 * 1024 * 1024 - 64 * 1024;

/** Handles one ADS call. */
export function acceptCall(call: Call, origin: CallOrigin, options: AcceptorOptions): void {
  const message = (bytes: Buffer): void => {
    call.pause();
    const first = heard(bytes, origin.dialect);
    if (!first) {
      call.end("INVALID_ARGUMENT", "the request cannot be decoded");
      return;
    }
    startStream(call, origin, first, bytes.byteLength, options).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      options.port.onStatus({ kind: "failed", nodeId: first.node?.id ?? "", message: reason });
      options.port.onStatus({
        kind: "refused",
        peer: call.remote.address,
        nodeId: first.node?.id ?? "",
        refusal: { code: "UNAVAILABLE", message: reason },
      });
      call.end("UNAVAILABLE", "the stream could not be set up");
    });
  };
  call.listen({ message, halfClosed: () => call.end("OK"), closed: () => {} });
}

function heard(bytes: Buffer, dialect: Dialect): DecodedRequest | undefined {
  try {
    return dialect.hear(bytes);
  } catch {
    return undefined;
  }
}

async function startStream(
  call: Call,
  origin: CallOrigin,
  first: DecodedRequest,
  bytes: number,
  options: AcceptorOptions,
): Promise<void> {
  const { node } = first;
  const { address } = call.remote;
  const refuse = (refusal: StreamRefusal) => {
    options.port.onStatus({ kind: "refused", peer: address, nodeId: node?.id ?? "", refusal });
    call.end(refusal.code, refusal.message);
  };
  const early = refusalBefore(node, options);
  if (early || !node) return refuse(early ?? noNode);
  await options.admit();
  const peer = peerOf(call, origin.encrypted);
  const found = await options.authenticate(peer, node);
  if (!found.ok) return refuse(found);
  // The client may have gone, or the server begun to shut down, while we waited.
  if (call.isOver) return;
  const late = refusalBefore(node, options);
  if (late) return refuse(late);
  const stream = new AdsStream(call, {
    client: clientOf(node, found, peer, options.newConnectionId(), origin.dialect),
    port: options.port,
    settings: settingsFor(node, options.settings),
    dialect: origin.dialect,
    ledger: options.ledger,
    followers: options.followers,
    answers: options.answers,
    expects: isEnvoy(node) ? options.memory.expects(node.id) : [],
    now: options.now,
    cut: () => origin.cut(address),
    onEnd: (ended) => {
      options.streams.delete(ended);
      options.memory.ended(node.id, ended.askedTypes());
    },
  });
  options.streams.add(stream);
  stream.start(first, bytes);
}

const noNode: StreamRefusal = {
  code: "INVALID_ARGUMENT",
  message: "the first request on a stream must carry a node with an id",
};

function refusalBefore(node: ClientNode | undefined, options: AcceptorOptions): StreamRefusal | undefined {
  if (options.draining()) return { code: "UNAVAILABLE", message: "the server is shutting down" };
  if (!options.port.ready())
    return { code: "UNAVAILABLE", message: "the server has not read its sources yet" };
  return node?.id ? undefined : noNode;
}

function peerOf(call: Call, encrypted: boolean): Peer {
  const certificate = encrypted ? call.remote.certificate() : undefined;
  const bearerToken = bearer(call.header("authorization"));
  return {
    encrypted,
    address: call.remote.address,
    ...(certificate && { certificateChain: [certificate] }),
    ...(bearerToken !== undefined && { bearerToken }),
  };
}

function bearer(header: string | undefined): string | undefined {
  const [, token] = /^bearer +(\S+)$/i.exec(header ?? "") ?? [];
  return token;
}

function clientOf(
  node: ClientNode,
  { identity }: Extract<Authentication, { ok: true }>,
  { encrypted, address }: Peer,
  connectionId: string,
  { variant }: Dialect,
): XdsClient {
  return {
    connectionId,
    nodeId: node.id,
    node,
    // Encryption alone hides a key from the network and still gives it to anybody who asks.
    secure: encrypted && identity !== undefined,
    peer: address,
    discoversHosts: variant === "incremental" && node.metadata[hostDiscovery] === true,
    ...(identity && { identity }),
  };
}

/** Only Envoy asks for the same types on every stream: what a gRPC client asks for follows from the names it calls. */
function isEnvoy({ userAgentName }: ClientNode): boolean {
  return userAgentName === "envoy";
}

function settingsFor(node: ClientNode, settings: SessionSettings): SessionSettings {
  if (isEnvoy(node)) return settings;
  return { ...settings, maxResponseBytes: Math.min(settings.maxResponseBytes, grpcClientLimit) };
}
