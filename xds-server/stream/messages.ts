// The two messages of incremental xDS as plain data: what a request says and what a response is made of, without protobuf.

import type { ServedResource } from "../cache/resource.ts";

/** `DeltaDiscoveryRequest`, decoded. */
export interface DeltaRequest {
  readonly typeUrl: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Name to version; only in the first request of a type on a stream. */
  readonly initialVersions: ListedVersions;
  /** Empty when the request answers no response. */
  readonly nonce: string;
  /** Its presence, and nothing else, makes the request a NACK. */
  readonly error?: RequestError;
}

/** Names with versions, as a client lists what it has. A map is one; a name that is listed twice may count twice. */
export interface ListedVersions {
  readonly size: number;
  /** The version of a collection that has just these versions, where that is known. */
  readonly joined?: string | undefined;
  has(name: string): boolean;
  forEach(visit: (version: string, name: string) => void): void;
}

/** `google.rpc.Status` of a NACK. */
export interface RequestError {
  readonly code: number;
  readonly message: string;
}

/** `DeltaDiscoveryResponse` before encoding. A name appears once, in `resources` or in `removed`. */
export interface DeltaResponse {
  readonly typeUrl: string;
  /** Unique within the stream. */
  readonly nonce: string;
  /** The id of the snapshot it was made from; informative. */
  readonly systemVersion: string;
  readonly resources: readonly ServedResource[];
  readonly removed: readonly string[];
}
