// The xDS server: ports, streams and their orderly end. Joins gRPC calls to the session reducer; what is served and who may
// have it come through `ConfigPort` and `Authenticate`.

import { randomUUID } from "node:crypto";
import type { Quarantined } from "../stream/ledger.ts";
import type { SessionSettings } from "../stream/session.ts";
import type { Call } from "../transport/call.ts";
import { GrpcServer, type GrpcServerSettings, type Methods } from "../transport/grpc-server.ts";
import { type AcceptorOptions, acceptCall } from "./acceptor.ts";
import { createAdmission } from "./admission.ts";
import type { AdsStream } from "./ads-stream.ts";
import { createClientMemory } from "./client-memory.ts";
import {
  clientStatusMethods,
  clientStatusServiceName,
  endClientStatus,
  refusedClientStatus,
} from "./client-status.ts";
import { encodeControlPlane } from "./codec.ts";
import { type Dialect, incremental, stateOfTheWorld } from "./dialect.ts";
import { describeFailure } from "./failure.ts";
import { Health, healthServiceName } from "./health.ts";
import {
  type HostPort,
  type Listener,
  type ListenResult,
  listenPlaintext,
  listenTls,
  type ServingCertificates,
  type TlsListener,
} from "./listener.ts";
import type { Authenticate, ClientStatus, ConfigPort } from "./port.ts";
import { createSharedLedger } from "./shared-ledger.ts";
import { shutDown } from "./shutdown.ts";
import { createTurns, type Turns } from "./turns.ts";

export const adsServiceName = "envoy.service.discovery.v3.AggregatedDiscoveryService";

/** Sizes in bytes, times in milliseconds. */
export interface XdsServerOptions {
  readonly port: ConfigPort;
  readonly authenticate: Authenticate;
  /** Names this replica in every response. */
  readonly identifier: string;
  readonly session?: Partial<SessionSettings>;
  /** Shared with the port, where that gives changes to its clients in turn. Default: the server's own. */
  readonly turns?: Turns;
  readonly keepaliveMs?: number;
  readonly keepaliveTimeoutMs?: number;
  /** A reconnecting proxy lists everything it has in one request. */
  readonly maxRequestBytes?: number;
  /** Off unless set; spread by ±10 %. */
  readonly maxConnectionAgeMs?: number;
  readonly maxConnectionAgeGraceMs?: number;
  readonly newStreamsPerSecond?: number;
}

/** Envoy's own patience with a warming cluster (`initial_fetch_timeout`) is 15 s. */
export const defaultSessionSettings: SessionSettings = {
  ackTimeoutMs: 15_000,
  removalGraceMs: 1_000,
  writeTimeoutMs: 20_000,
  resubscribeTimeoutMs: 30_000,
  canaryWaitMs: 100,
  maxResponseBytes: Number.POSITIVE_INFINITY,
};

export interface XdsServer {
  /** Opens a port without encryption, on a loopback address only. */
  listenPlaintext(at: HostPort): Promise<ListenResult<Listener>>;
  listenTls(at: HostPort, certificates: ServingCertificates): Promise<ListenResult<TlsListener>>;
  /** The connected clients, in order of node id. */
  clients(): readonly ClientStatus[];
  /** Versions that some client refused and that some client should have; they are sent to nobody. In order of name. */
  quarantine(): readonly Quarantined[];
  /** Stops accepting, ends the streams spread over `drainMs`, then cuts what is left. Idempotent. */
  close(drainMs: number): Promise<void>;
}

/** A server without any port yet. */
export function createXdsServer(options: XdsServerOptions): XdsServer {
  const now = () => performance.timeOrigin + performance.now();
  const controlPlane = encodeControlPlane(options.identifier);
  const streams = new Set<AdsStream>();
  const listeners: Listener[] = [];
  let closing: Promise<void> | undefined;
  const turns = options.turns ?? createTurns();
  const ledger = createSharedLedger(turns, ({ connectionId }, resources) => {
    for (const { client } of streams)
      if (client.connectionId === connectionId)
        options.port.onStatus({ kind: "quarantined", client, resources });
  });
  const acceptor: AcceptorOptions = {
    port: options.port,
    authenticate: options.authenticate,
    settings: { ...defaultSessionSettings, ...options.session },
    now,
    admit: createAdmission(options.newStreamsPerSecond ?? 1_000, now),
    memory: createClientMemory(),
    ledger,
    followers: turns.line("follow", (stream) => stream.reconsider()),
    answers: turns.line("answer", (stream) => stream.takeAnswers()),
    streams,
    draining: () => closing !== undefined,
    newConnectionId: randomUUID,
  };

  const healths: Health[] = [];
  const statusCalls = new Set<Call>();
  const clientStatus = clientStatusMethods(() => {
    turns.finish();
    return [...streams]
      .map((stream) => ({ node: stream.client.node, resources: stream.configStatuses() }))
      .sort((a, b) => (a.node.id < b.node.id ? -1 : 1));
  }, statusCalls);

  /** A gRPC server of its own for each port, so that no call can be taken for one of another port. */
  async function open<L extends Listener>(
    encrypted: boolean,
    listen: (grpc: GrpcServer) => Promise<ListenResult<L>>,
  ): Promise<ListenResult<L>> {
    if (closing) return { ok: false, message: "the server is shutting down" };
    let opened: L | undefined;
    const cut = (peer: string) => opened?.cut(peer);
    const streamIn = (dialect: () => Dialect) => (call: Call) =>
      acceptCall(call, { encrypted, cut, dialect: dialect() }, acceptor);
    const services = [adsServiceName, healthServiceName, ...(encrypted ? [] : [clientStatusServiceName])];
    const health = new Health(services, () => closing === undefined && options.port.ready());
    healths.push(health);
    const methods: Methods = new Map([
      [`/${adsServiceName}/DeltaAggregatedResources`, streamIn(() => incremental(controlPlane))],
      [`/${adsServiceName}/StreamAggregatedResources`, streamIn(() => stateOfTheWorld(controlPlane))],
      ...health.methods,
      ...(encrypted ? refusedClientStatus : clientStatus),
    ]);
    const grpc = new GrpcServer(methods, grpcSettings(options));
    const result = await listen(grpc);
    if (!result.ok) return result;
    opened = result.listener;
    listeners.push(result.listener);
    return result;
  }

  return {
    listenPlaintext: (at) => open(false, (grpc) => listenPlaintext(grpc, at)),
    listenTls: (at, certificates) => open(true, (grpc) => listenTls(grpc, at, certificates)),
    clients: () => {
      turns.finish();
      return [...streams].map((stream) => stream.status()).sort(byNode);
    },
    quarantine: () =>
      ledger
        .quarantined()
        .filter((each) => [...streams].some((stream) => stream.wants(each)))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    close(drainMs) {
      if (!closing) {
        for (const health of healths) health.close();
        endClientStatus(statusCalls);
        closing = shutDown(streams, listeners, drainMs);
      }
      return closing;
    },
  };
}

function byNode(a: ClientStatus, b: ClientStatus): number {
  if (a.client.nodeId !== b.client.nodeId) return a.client.nodeId < b.client.nodeId ? -1 : 1;
  return a.connectedAt - b.connectedAt;
}

function grpcSettings(options: XdsServerOptions): GrpcServerSettings {
  return {
    keepaliveMs: options.keepaliveMs ?? 30_000,
    keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? 10_000,
    maxIdleMs: 5 * 60_000,
    maxAgeMs: options.maxConnectionAgeMs,
    maxAgeGraceMs: options.maxConnectionAgeGraceMs ?? 10_000,
    maxMessageBytes: options.maxRequestBytes ?? 64 * 1024 * 1024,
    onFailure: (error) =>
      options.port.onStatus({ kind: "failed", nodeId: "", message: describeFailure(error) }),
  };
}
