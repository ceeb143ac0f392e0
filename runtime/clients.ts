// The proxies that are connected, and the snapshot each has. In: a mesh or a connection. Out: updates to streams.

import { isDeepStrictEqual } from "node:util";
import type { Mesh, MeshProxy, UnsoundResource } from "#compiler";
import type { ConfigPort, Snapshot, StatusEvent, Turns, XdsClient } from "#xds-server";
import type { Authority } from "./authority.ts";
import type { Logger } from "./log.ts";
import { type Metrics, shortType } from "./metrics.ts";
import { placesOf, shorten } from "./places.ts";
import { type ClaimedParts, nameOfNode, proxyFromNode } from "./proxy-from-node.ts";
import { makeSnapshot } from "./snapshots.ts";
import { logUnspoken } from "./unspoken-log.ts";

interface ConnectedClient {
  readonly client: XdsClient;
  readonly update: (snapshot: Snapshot) => void;
  /** What the log has said of its policy. */
  readonly told: Set<string>;
  /** The same object as long as it is the same proxy. */
  proxy: MeshProxy;
  claimedOf: ClaimedParts;
  snapshot?: Snapshot;
  /** When the first change was that it has not been brought, in ms since 1970; Infinity if there is none. */
  behindSince: number;
  secrets?: Awaited<ReturnType<Authority["secretsFor"]>>;
}

export interface Clients {
  readonly port: ConfigPort;
  /** Gives every connected proxy what the mesh now says of it. `changedAt`: when that changed, in ms since 1970. */
  push(changedAt: number): void;
  /** The proxy and snapshot of a connected client, by `name.namespace`. */
  find(proxyId: string): { readonly proxy: MeshProxy; readonly snapshot?: Snapshot } | undefined;
}

export interface ClientsOptions {
  readonly authority: Authority;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Those of the server, in which the proxies are brought up to date. */
  readonly turns: Turns;
  /** The mesh to start with; undefined until the sources are read. */
  mesh(): Mesh | undefined;
  readonly onStatus?: (event: StatusEvent) => void;
  /** A first client has come. */
  readonly onFirst?: () => void;
}

export function createClients(options: ClientsOptions): Clients {
  const { authority, log, metrics } = options;
  const connected = new Map<string, ConnectedClient>();

  const refresh = (entry: ConnectedClient, mesh: Mesh, beforeUpdate = () => {}): void => {
    const { snapshot, unsound } = makeSnapshot(
      mesh,
      entry.proxy,
      entry.secrets?.current() ?? [],
      entry.snapshot,
      entry.client.discoversHosts ? "parts" : "whole",
    );
    logUnsound(log, entry.proxy.id, unsound);
    logUnspoken(log, mesh, entry.proxy, entry.told);
    if (snapshot === entry.snapshot) return;
    entry.snapshot = snapshot;
    beforeUpdate();
    entry.update(snapshot);
  };

  let pushedAt = 0;
  const bring = (entry: ConnectedClient): void => {
    const changedAt = entry.behindSince;
    entry.behindSince = Number.POSITIVE_INFINITY;
    metrics.queued((performance.now() - pushedAt) / 1000);
    const mesh = options.mesh();
    if (!mesh) return;
    try {
      claimAgain(entry, mesh);
      refresh(entry, mesh, () => metrics.given(entry.client.connectionId, changedAt));
    } catch (error) {
      // A mistake of ours that one proxy meets must not keep the change from the others.
      const { nodeId: node } = entry.client;
      const stack = error instanceof Error ? error.stack : String(error);
      log.error({ scope: "ads", node, error: stack }, "cannot make its configuration: it keeps what it has");
    }
  };
  const outdated = options.turns.line("change", bring);

  const connect: ConfigPort["connect"] = (client, update, end) => {
    const mesh = options.mesh();
    if (!mesh) return { refuse: { code: "UNAVAILABLE", message: "the policy files are still being read" } };
    const claimed = proxyFromNode(mesh, client.node, client.secure ? client.identity : undefined);
    if (!claimed.ok) return { refuse: claimed.refusal };
    const entry: ConnectedClient = {
      client,
      update,
      told: new Set(),
      proxy: claimed.proxy,
      claimedOf: mesh,
      behindSince: Number.POSITIVE_INFINITY,
    };
    connected.set(client.connectionId, entry);
    if (connected.size === 1) options.onFirst?.();
    metrics.connected(connected.size);
    metrics.trigger("proxy");
    const now = () => {
      const latest = options.mesh();
      if (latest && connected.has(client.connectionId)) refresh(entry, latest);
    };
    if (client.secure && client.identity) {
      const renewed = () => {
        metrics.trigger("secret");
        now();
      };
      authority.secretsFor(client.identity, renewed).then(
        (secrets) => {
          if (!connected.has(client.connectionId)) secrets.release();
          else {
            entry.secrets = secrets;
            now();
          }
        },
        (error: unknown) => {
          metrics.certificateFailed();
          log.error({ scope: "ca", node: client.nodeId, error: String(error) }, "cannot issue a certificate");
          // It keeps what it has, and comes back to ask again.
          end({
            code: "UNAVAILABLE",
            message: "a certificate cannot be issued now: the server's log says why",
          });
        },
      );
    } else now();
    return {
      disconnect: () => {
        connected.delete(client.connectionId);
        outdated.forget(entry);
        entry.secrets?.release();
        metrics.connected(connected.size);
      },
    };
  };

  return {
    port: {
      connect,
      ready: () => options.mesh() !== undefined,
      onStatus: (event) => {
        metrics.observe(event);
        record(event, log);
        options.onStatus?.(event);
      },
    },
    push: (changedAt) => {
      pushedAt = performance.now();
      const isFirst = outdated.length === 0;
      for (const entry of connected.values()) entry.behindSince = Math.min(entry.behindSince, changedAt);
      outdated.add(connected.values());
      // It tries the change while the others' turns come.
      if (isFirst) outdated.take(1);
    },
    find: (proxyId) => {
      outdated.take(outdated.length);
      return [...connected.values()].find(({ proxy }) => proxy.id === proxyId);
    },
  };
}

/** A change that makes the node's claim untrue does not cut it off: it keeps what it has until it reconnects. */
function claimAgain(entry: ConnectedClient, mesh: Mesh): void {
  const { claimedOf, client } = entry;
  const { workloads, gateways, config } = mesh;
  if (claimedOf.workloads === workloads && claimedOf.gateways === gateways && claimedOf.config === config)
    return;
  entry.claimedOf = { workloads, gateways, config };
  const claimed = proxyFromNode(mesh, client.node, client.secure ? client.identity : undefined);
  if (claimed.ok && !isDeepStrictEqual(claimed.proxy, entry.proxy)) entry.proxy = claimed.proxy;
}

/** Never the user's doing alone: validation should have said so at the line. So it is an error, with the line. */
function logUnsound(log: Logger, proxy: string, unsound: readonly UnsoundResource[]): void {
  for (const { resource, reasons } of unsound) {
    log.error(
      { scope: "ads", proxy, resource: resource.name, origins: shorten(placesOf(resource.origins)) },
      `held back, because Envoy would refuse it: ${reasons.join("; ")}`,
    );
  }
}

function record(event: StatusEvent, log: Logger): void {
  switch (event.kind) {
    case "connected":
      log.info(
        { scope: "ads", node: event.client.nodeId, peer: event.client.peer, secure: event.client.secure },
        "proxy connected",
      );
      return;
    case "disconnected":
      log.info({ scope: "ads", node: event.client.nodeId, reason: event.reason }, "proxy disconnected");
      return;
    case "refused":
      log.warn(
        { scope: "ads", node: event.nodeId, peer: event.peer, code: event.refusal.code },
        event.refusal.message,
      );
      return;
    case "sent": {
      if (!log.isLevelEnabled("debug")) return;
      const { client, resources, removed, bytes } = event;
      const type = shortType(event.typeUrl).toUpperCase();
      // The line that istiod's users search their logs for; for thousands of proxies too many to write unasked.
      log.debug(
        { scope: "ads", removed, bytes },
        `${type}: PUSH for node:${nameOfNode(client.nodeId)} resources:${resources} size:${byteCount(bytes)}`,
      );
      return;
    }
    case "nacked": {
      const origins = event.resources.flatMap((resource) => resource.origins);
      log.error(
        {
          scope: "ads",
          node: event.client.nodeId,
          resources: shorten(event.resources.map(({ name }) => name)),
          origins: shorten(placesOf(origins)),
        },
        `${shortType(event.typeUrl).toUpperCase()}: proxy refused what it was sent: ${event.message}`,
      );
      return;
    }
    case "quarantined":
      for (const { typeUrl, name, origins, message } of event.resources) {
        log.warn(
          { scope: "ads", node: event.client.nodeId, resource: name, origins: shorten(placesOf(origins)) },
          `${shortType(typeUrl).toUpperCase()}: in quarantine, sent to no further proxy until it changes: ${message}`,
        );
      }
      return;
    case "spared": {
      const names = shorten(event.resources.map(({ name }) => name));
      log.info(
        { scope: "ads", node: event.client.nodeId, resources: names },
        `${shortType(event.typeUrl).toUpperCase()}: not sent, because another proxy refused it`,
      );
      return;
    }
    case "secret-withheld":
      log.warn({ scope: "ads", node: event.client.nodeId, secret: event.name }, event.why);
      return;
    case "overdue":
    case "endpoints-overdue":
      log.warn(
        { scope: "ads", node: event.client.nodeId, names: event.names },
        "proxy does not answer in time",
      );
      return;
    case "not-resubscribed":
      log.warn(
        { scope: "ads", node: event.client.nodeId, types: event.typeUrls },
        "proxy did not ask again after reconnecting",
      );
      return;
    case "failed":
      log.error(
        { scope: "ads", node: event.nodeId, error: event.message },
        "a stream failed by our own fault",
      );
      return;
    case "received":
    case "written":
    case "send-failed":
    case "write-timeout":
    case "acked":
    case "stale-nonce":
    case "in-sync":
      return;
  }
}

/** As istiod writes sizes: `512B`, `30.0kB`, `1.2MB`. */
function byteCount(bytes: number): string {
  if (bytes < 1000) return `${bytes}B`;
  const exponent = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** exponent).toFixed(1)}${" kMG"[exponent]}B`;
}
