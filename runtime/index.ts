// The running control plane, for the command line and for anyone who embeds it.

export type { Authority } from "./authority.ts";
export { AuthorityUnavailable, type CertificatesOptions, openCertificates } from "./certificates.ts";
export type { ConfigDump, DumpedResource } from "./config-dump.ts";
export {
  type AppliedChange,
  type ControlPlane,
  type ControlPlaneOptions,
  PortUnavailable,
  SettingsRefused,
  startControlPlane,
} from "./control-plane.ts";
export {
  createLogger,
  type LogFormat,
  type Logger,
  type LogLevel,
  type LogLevels,
  type Scope,
} from "./log.ts";
export type { ProxySync, QuarantineEntry, SyncState, TypeSync } from "./sync-status.ts";
export { readPublishedTrustBundle } from "./trust-bundle.ts";
export { changeWorld, emptyWorld, fileNamed, textOf, type World, type WorldChange } from "./world.ts";
