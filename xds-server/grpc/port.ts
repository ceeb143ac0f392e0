// The server's two openings to the rest of Fairlead: where configuration comes from and who a peer is. Types only.

import type { WorkloadIdentity } from "#identity";
import type { Snapshot } from "../cache/snapshot.ts";
import type { Quarantined } from "../stream/ledger.ts";
import type { SessionStatus, TypeStatus } from "../stream/status.ts";
import type { ClientNode } from "./codec.ts";

/** gRPC status names with which a stream can be refused. */
export type RefusalCode = "UNAUTHENTICATED" | "PERMISSION_DENIED" | "UNAVAILABLE" | "INVALID_ARGUMENT";

export interface StreamRefusal {
  readonly code: RefusalCode;
  /** Shown to the peer. */
  readonly message: string;
}

/** A stream that is connecting. `node` is what the client claims; `identity` is proven. */
export interface XdsClient {
  readonly connectionId: string;
  readonly nodeId: string;
  readonly node: ClientNode;
  readonly identity?: WorkloadIdentity;
  /** The stream is encrypted and its peer's identity is proven. Nothing confidential goes out otherwise. */
  readonly secure: boolean;
  /** Address and port of the other end. */
  readonly peer: string;
  /** It discovers virtual hosts (VHDS): it says so in its node, and speaks the incremental variant. */
  readonly discoversHosts: boolean;
}

/** What the runtime gives to the server. */
export interface ConfigPort {
  /**
   * One call per stream, after its first request. The port calls `update` as soon as it has the proxy's configuration,
   * at once if it can, and at each change, until `disconnect`. Only the newest snapshot counts. It calls `end` where it finds out
   * later that there is none to be had.
   */
  connect(
    client: XdsClient,
    update: (snapshot: Snapshot) => void,
    end: (why: StreamRefusal) => void,
  ): { readonly disconnect: () => void } | { readonly refuse: StreamRefusal };
  /** Must not throw. */
  onStatus(event: StatusEvent): void;
  /** False until the sources are read: an early, empty configuration would wipe a running proxy's. */
  ready(): boolean;
}

/** What is known about a peer before it is believed. */
export interface Peer {
  /** The connection is encrypted. */
  readonly encrypted: boolean;
  /** DER, leaf first; only a chain that TLS has verified against the client CAs. */
  readonly certificateChain?: readonly Uint8Array[];
  /** The token of an `authorization: Bearer` header. */
  readonly bearerToken?: string;
  readonly address: string;
}

/** Success without an identity means that the peer may connect and is nobody in particular. */
export type Authentication =
  | { readonly ok: true; readonly identity?: WorkloadIdentity }
  | { readonly ok: false; readonly code: "UNAUTHENTICATED" | "PERMISSION_DENIED"; readonly message: string };

/** Decides who a peer is. Throwing or rejecting refuses the stream as UNAVAILABLE. */
export type Authenticate = (peer: Peer, node: ClientNode) => Authentication | Promise<Authentication>;

/** What happens to streams, for logs, metrics and status pages. Carries no resource content. */
export type StatusEvent =
  | { readonly kind: "connected"; readonly client: XdsClient }
  | { readonly kind: "disconnected"; readonly client: XdsClient; readonly reason: string }
  /** A stream that never got as far as a session. */
  | {
      readonly kind: "refused";
      readonly peer: string;
      readonly nodeId: string;
      readonly refusal: StreamRefusal;
    }
  | {
      readonly kind: "sent";
      readonly client: XdsClient;
      readonly typeUrl: string;
      readonly nonce: string;
      readonly resources: number;
      readonly removed: number;
      readonly bytes: number;
    }
  /** A request came, of whatever kind. */
  | {
      readonly kind: "received";
      readonly client: XdsClient;
      readonly bytes: number;
    }
  /** A response has left for the network: in ms since what made it due, and since it was handed over. */
  | {
      readonly kind: "written";
      readonly client: XdsClient;
      readonly typeUrl: string;
      readonly pushMs: number;
      readonly sendMs: number;
    }
  /** A response has not left, because the stream broke. */
  | { readonly kind: "send-failed"; readonly client: XdsClient; readonly typeUrl: string }
  /** The stream is given up because its client does not read. */
  | { readonly kind: "write-timeout"; readonly client: XdsClient }
  /** An error of our own ended a stream, or kept it from beginning. */
  | { readonly kind: "failed"; readonly nodeId: string; readonly message: string }
  /** From here on nobody is sent these; `client` has refused them. */
  | {
      readonly kind: "quarantined";
      readonly client: XdsClient;
      readonly resources: readonly Quarantined[];
    }
  | ({ readonly client: XdsClient } & SessionStatus);

/** Where one connected client stands. */
export interface ClientStatus {
  readonly client: XdsClient;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  /** The newest snapshot made for it. */
  readonly snapshotId?: string;
  readonly types: readonly TypeStatus[];
}
