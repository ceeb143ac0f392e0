// What a session has to tell about itself: events as they happen, and a summary of where a client stands. Plain data for
// logs, metrics and pages; it carries names, versions and origins, never a resource's content.

import type { Origin, ServedResource } from "../cache/resource.ts";
import { collectionOf } from "../cache/snapshot.ts";
import { refusedClusters } from "./plan.ts";
import type { SessionState } from "./session.ts";
import type { TypeState } from "./type-state.ts";

/** What happened within a session. `resources` are to be read for names, versions and origins. */
export type SessionStatus =
  | {
      readonly kind: "acked";
      readonly typeUrl: string;
      readonly nonce: string;
      readonly snapshotId: string;
      readonly resources: readonly ServedResource[];
      readonly removed: readonly string[];
      readonly tookMs: number;
    }
  /** `certain`: the resources listed are the bad ones; otherwise the bad ones are among them, and are being looked for. */
  | {
      readonly kind: "nacked";
      readonly typeUrl: string;
      readonly nonce: string;
      readonly snapshotId: string;
      readonly message: string;
      /** gRPC's, of the client's `error_detail`. */
      readonly code: number;
      readonly resources: readonly ServedResource[];
      readonly certain: boolean;
    }
  /** Not sent to this client, because another one has refused it. */
  | {
      readonly kind: "spared";
      readonly typeUrl: string;
      readonly resources: readonly ServedResource[];
    }
  | { readonly kind: "stale-nonce"; readonly typeUrl: string; readonly nonce: string }
  /** No answer in time: what waited for it goes on without. */
  | {
      readonly kind: "overdue";
      readonly typeUrl: string;
      readonly nonce: string;
      readonly names: readonly string[];
    }
  /** Clusters were sent and their endpoints were not asked for, or not answered for, in time. */
  | { readonly kind: "endpoints-overdue"; readonly names: readonly string[] }
  /** A resource with a private key was asked for on a stream that is not both encrypted and authenticated. */
  | {
      readonly kind: "secret-withheld";
      readonly typeUrl: string;
      readonly name: string;
      readonly why: string;
    }
  /** A reconnected client did not ask again for these types (envoy#34334). */
  | { readonly kind: "not-resubscribed"; readonly typeUrls: readonly string[] }
  /** The client has all of a snapshot, but for `refused` resources. */
  | { readonly kind: "in-sync"; readonly snapshotId: string; readonly refused: number };

/** One refused or waiting resource, for people. */
export interface ResourceStatus {
  readonly name: string;
  readonly version: string;
  readonly origins: readonly Origin[];
}

/** Where a client stands with one type. */
export interface TypeStatus {
  readonly typeUrl: string;
  readonly shortName: string;
  readonly wildcard: boolean;
  readonly subscribedNames: number;
  readonly heldResources: number;
  /** Snapshot ids of the last response sent and the last one accepted. */
  readonly sentVersion?: string;
  readonly ackedVersion?: string;
  /** Milliseconds since 1970: when the oldest unanswered response went out, and when one was last accepted. */
  readonly sentAt?: number;
  readonly ackedAt?: number;
  readonly awaitingAnswer: boolean;
  readonly pending: number;
  /** What it is not sent in this version: refused by it or another, or in need of a cluster that was. */
  readonly refused: readonly ResourceStatus[];
  readonly nack?: {
    readonly at: number;
    readonly message: string;
    readonly resources: readonly ResourceStatus[];
  };
}

/** Where a client stands with each type that it asked for, in order of type URL. */
export function typeStatuses(state: SessionState): readonly TypeStatus[] {
  return [...state.types.values()]
    .sort((a, b) => (a.typeUrl < b.typeUrl ? -1 : 1))
    .map((type) => typeStatus(state, type));
}

function typeStatus(state: SessionState, type: TypeState): TypeStatus {
  const { typeUrl, subscription, refusal } = type;
  const { resources } = collectionOf(state.snapshot, typeUrl);
  const refused = [...type.refused].map(([name, version]) => ({
    name,
    version,
    origins: resources.get(name)?.version === version ? (resources.get(name)?.origins ?? []) : [],
  }));
  const replaced = [...type.dirty].flatMap((name) => {
    const target = resources.get(name);
    return target && refusedClusters(state, target).length > 0 ? [resourceStatus(target)] : [];
  });
  return {
    typeUrl,
    shortName: type.rule.shortName,
    wildcard: subscription.wildcard,
    subscribedNames: subscription.names.size,
    heldResources: type.held.size,
    ...(type.sentSnapshot !== undefined && { sentVersion: type.sentSnapshot }),
    ...(type.ackedSnapshot !== undefined && { ackedVersion: type.ackedSnapshot }),
    ...(type.inFlight[0] && { sentAt: type.inFlight[0].sentAt }),
    ...(type.ackedAt !== undefined && { ackedAt: type.ackedAt }),
    awaitingAnswer: type.inFlight.length > 0,
    pending: type.dirty.size - replaced.length,
    refused: [...refused, ...replaced],
    ...(refusal && {
      nack: { at: refusal.at, message: refusal.message, resources: refusal.resources.map(resourceStatus) },
    }),
  };
}

/** The part of a resource that may be shown. */
export function resourceStatus({ name, version, origins }: ServedResource): ResourceStatus {
  return { name, version, origins };
}
