// Fairlead's xDS server: snapshots of Envoy resources in, ADS streams out.

export {
  type EmittedResource,
  encodeResource,
  type Origin,
  type ServedResource,
} from "./cache/resource.ts";
export { type DeliveryRule, deliveryRule, typeUrls } from "./cache/resource-types.ts";
export {
  type Collection,
  changedNames,
  changeMembers,
  collectionOf,
  createCollection,
  createSnapshot,
  encodeSnapshot,
  joinCollections,
  laySnapshot,
  type Snapshot,
} from "./cache/snapshot.ts";
export type { ClientNode } from "./grpc/codec.ts";
export {
  type HostPort,
  Listener,
  type ListenResult,
  type ServingCertificates,
  TlsListener,
} from "./grpc/listener.ts";
export type {
  Authenticate,
  Authentication,
  ClientStatus,
  ConfigPort,
  Peer,
  RefusalCode,
  StatusEvent,
  StreamRefusal,
  XdsClient,
} from "./grpc/port.ts";
export {
  createXdsServer,
  defaultSessionSettings,
  type XdsServer,
  type XdsServerOptions,
} from "./grpc/server.ts";
export { createTurns, type Turns } from "./grpc/turns.ts";
export type { Quarantined } from "./stream/ledger.ts";
export type { SessionSettings } from "./stream/session.ts";
export type { ResourceStatus, SessionStatus, TypeStatus } from "./stream/status.ts";
