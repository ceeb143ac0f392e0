// Where proxies stand, as plain data for pages and scripts. In: what the xDS server knows of its clients. Out: names, versions
// and places in files; never content.

import { type ClientStatus, deliveryRule, type Quarantined, type TypeStatus } from "#xds-server";
import { placesOf } from "./places.ts";
import { nameOfNode } from "./proxy-from-node.ts";

/**
 * - `SYNCED`: it has accepted all that there is.
 * - `STALE`: something is on its way, or waits for another proxy to try it.
 * - `NACKED`: it refused something itself, and keeps the last good version of that.
 * - `QUARANTINED`: it has all but what another proxy refused.
 * - `NOT SENT`: it asked, and there is nothing of that type for it, or nothing yet.
 */
export type SyncState = "SYNCED" | "STALE" | "NACKED" | "QUARANTINED" | "NOT SENT";

/** One type of one proxy. */
export interface TypeSync {
  /** `CDS`, `EDS`, `LDS`, `RDS`, `VHDS` or `SDS`. */
  readonly type: string;
  readonly status: SyncState;
  /** When it last answered, refused or was sent what it has not answered; ISO 8601. */
  readonly since?: string;
  /** Versions of the whole configuration. */
  readonly sent?: string;
  readonly acknowledged?: string;
  readonly resources: number;
  /** In Envoy's words. */
  readonly error?: string;
  readonly refused?: readonly { readonly name: string; readonly origins: readonly string[] }[];
}

/** One connected proxy. */
export interface ProxySync {
  /** `name.namespace`. */
  readonly name: string;
  /** Its node id. */
  readonly proxy: string;
  readonly peer: string;
  readonly secure: boolean;
  readonly connectedAt: string;
  /** The newest configuration made for it; absent until there is one. */
  readonly version?: string;
  readonly types: readonly TypeSync[];
}

/** A refused version that no proxy is sent any more. */
export interface QuarantineEntry {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly origins: readonly string[];
  readonly error: string;
  readonly refusedBy: string;
  readonly since: string;
}

export function proxySync({ client, connectedAt, snapshotId, types }: ClientStatus): ProxySync {
  return {
    name: nameOfNode(client.nodeId),
    proxy: client.nodeId,
    peer: client.peer,
    secure: client.secure,
    connectedAt: iso(connectedAt),
    ...(snapshotId === undefined ? {} : { version: snapshotId }),
    types: types.map(typeSync),
  };
}

function typeSync(status: TypeStatus): TypeSync {
  const { shortName, sentVersion, ackedVersion, heldResources, nack, refused } = status;
  const state = stateOf(status);
  const since = sinceOf(status, state);
  const bad = new Map([...(nack?.resources ?? []), ...refused].map((each) => [each.name, each.origins]));
  return {
    type: shortName,
    status: state,
    ...(since === undefined ? {} : { since: iso(since) }),
    ...(sentVersion === undefined ? {} : { sent: sentVersion }),
    ...(ackedVersion === undefined ? {} : { acknowledged: ackedVersion }),
    resources: heldResources,
    ...(nack ? { error: nack.message } : {}),
    ...(bad.size === 0
      ? {}
      : { refused: [...bad].map(([name, origins]) => ({ name, origins: placesOf(origins) })) }),
  };
}

function stateOf({ nack, awaitingAnswer, pending, refused, sentVersion }: TypeStatus): SyncState {
  if (nack) return "NACKED";
  if (awaitingAnswer || pending > 0) return "STALE";
  if (refused.length > 0) return "QUARANTINED";
  return sentVersion === undefined ? "NOT SENT" : "SYNCED";
}

function sinceOf({ nack, sentAt, ackedAt }: TypeStatus, state: SyncState): number | undefined {
  switch (state) {
    case "NACKED":
      return nack?.at;
    case "STALE":
      return sentAt;
    case "SYNCED":
    case "QUARANTINED":
      return ackedAt;
    case "NOT SENT":
      return undefined;
  }
}

export function quarantineEntry(quarantined: Quarantined): QuarantineEntry {
  const { typeUrl, name, version, origins, message, nodeId, at } = quarantined;
  return {
    type: deliveryRule(typeUrl).shortName,
    name,
    version,
    origins: placesOf(origins),
    error: message,
    refusedBy: nodeId,
    since: iso(at),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
