// One delta ADS client that subscribes as Envoy does (clusters, then their endpoints, then listeners, then their routes and
// the virtual hosts of those) and acknowledges everything. Tells when it is configured and when something that it looks for
// has arrived; moves to another server with what it has. Never unsubscribes: benchmarks take nothing away.

import { typeUrls } from "#xds-server";
import { monotonicMs } from "../monotonic.ts";
import { type DeltaFrame, type FrameResource, readDeltaFrame } from "./delta-frames.ts";
import { type GrpcCall, openCall } from "./grpc-call.ts";
import type { FleetMember, Traffic } from "./protocol.ts";
import { endpointsOf, hasVhds, routesOf } from "./references.ts";
import { acknowledge, askForAll, resume, subscribe, writeNode } from "./requests.ts";

const path = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

/** Virtual hosts as resources of their own, named `<table>/<host>`. */
const virtualHosts: string = typeUrls.virtualHosts;

export interface FleetClient {
  /** When it had everything it asked for, for the first time. Rejects when the stream ends before. */
  readonly configured: Promise<number>;
  /** When a response that contains these bytes arrived. */
  waitFor(mark: Buffer): Promise<number>;
  /** What was received by type URL since the last time. */
  takeTraffic(): ReadonlyMap<string, Traffic>;
  /** The types it has asked for. */
  types(): readonly string[];
  /** Encodes what it will say to the next server, and from now on does not mind losing this one. */
  prepareMove(): void;
  /** Says it, on a new connection. */
  move(port: number): void;
  close(): void;
}

interface HeldType {
  /** All that came, in order; what it amounts to is found out when it is needed. */
  readonly received: Pick<DeltaFrame, "resources" | "removed">[];
  /** Asked for by name, and whether it was ever heard of. */
  readonly asked: Map<string, boolean>;
  /** How many of these were not. */
  missing: number;
  /** Asked for as a whole, and not answered yet. */
  unanswered: boolean;
}

export function connectClient(member: FleetMember, port: number, roots: string | undefined): FleetClient {
  const { token } = member;
  const node = writeNode(member.node);
  const types = new Map<string, HeldType>();
  const tables = { seen: new Set<string>(), bare: new Set<string>() };
  const configured = Promise.withResolvers<number>();
  let traffic = new Map<string, Traffic>();
  let search: { readonly mark: Buffer; found(at: number): void } | undefined;
  let prepared: readonly Buffer[] | undefined;

  const typeOf = (typeUrl: string): HeldType => {
    const known = types.get(typeUrl);
    if (known) return known;
    const made = { received: [], asked: new Map<string, boolean>(), missing: 0, unanswered: false };
    types.set(typeUrl, made);
    return made;
  };
  const ask = (typeUrl: string, names: readonly string[]): void => {
    const type = typeOf(typeUrl);
    const fresh = names.filter((name) => !type.asked.has(name));
    for (const name of fresh) type.asked.set(name, false);
    type.missing += fresh.length;
    if (fresh.length > 0) call.send(subscribe(typeUrl, fresh));
  };
  const askWhole = (typeUrl: string): void => {
    typeOf(typeUrl).unanswered = true;
    call.send(askForAll(typeUrl, types.size === 1 ? node : undefined));
  };
  const follow = (typeUrl: string, resources: readonly FrameResource[]): void => {
    switch (typeUrl) {
      case typeUrls.cluster:
        ask(typeUrls.endpoints, resources.flatMap(endpointsOf));
        if (token !== undefined) ask(typeUrls.secret, ["default", "ROOTCA"]);
        return;
      case typeUrls.listener:
        ask(typeUrls.routes, resources.flatMap(routesOf));
        return;
      case typeUrls.routes: {
        const fresh = resources.filter((table) => hasVhds(table) && !tables.seen.has(table.name));
        for (const { name } of fresh) {
          tables.seen.add(name);
          tables.bare.add(name);
        }
        // Once on a stream, however many tables there are; what comes is up to the server.
        if (fresh.length === 0 || types.has(virtualHosts)) return;
        typeOf(virtualHosts);
        call.send(askForAll(virtualHosts));
        return;
      }
      case virtualHosts:
        for (const { name } of resources) tables.bare.delete(name.slice(0, name.indexOf("/")));
        return;
    }
  };
  const isWaiting = (): boolean => {
    if (tables.bare.size > 0) return true;
    for (const { missing, unanswered } of types.values()) if (missing > 0 || unanswered) return true;
    return false;
  };
  const take = ({ typeUrl, nonce, resources, removed }: DeltaFrame): void => {
    const type = typeOf(typeUrl);
    type.unanswered = false;
    type.received.push({ resources, removed });
    if (type.missing > 0) {
      for (const { name } of resources) hear(type, name);
      for (const name of removed) hear(type, name);
    }
    follow(typeUrl, resources);
    call.send(acknowledge(typeUrl, nonce));
    if (isWaiting()) return;
    if (types.has(typeUrls.listener)) configured.resolve(monotonicMs());
    else askWhole(typeUrls.listener);
  };
  const onMessage = (bytes: Buffer): void => {
    const at = monotonicMs();
    const frame = readDeltaFrame(bytes);
    const sum = traffic.get(frame.typeUrl) ?? { bytes: 0, resources: 0 };
    traffic.set(frame.typeUrl, {
      bytes: sum.bytes + bytes.byteLength,
      resources: sum.resources + frame.resources.length,
    });
    if (search && bytes.includes(search.mark)) {
      search.found(at);
      search = undefined;
    }
    take(frame);
  };
  const open = (at: number): GrpcCall =>
    openCall({
      port: at,
      path,
      roots,
      token,
      onMessage,
      onEnd: (why) => {
        if (prepared) return;
        configured.reject(new Error(`${member.node.id}: the stream has ended: ${why}`));
        process.stderr.write(`${member.node.id}: the stream has ended: ${why}\n`);
      },
    });

  let call = open(port);
  askWhole(typeUrls.cluster);
  return {
    configured: configured.promise,
    waitFor: (mark) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      search = { mark, found: resolve };
      return promise;
    },
    takeTraffic: () => {
      const taken = traffic;
      traffic = new Map();
      return taken;
    },
    types: () => [...types.keys()],
    prepareMove: () => {
      const wholes = [typeUrls.cluster, typeUrls.listener, virtualHosts];
      prepared = [...types].map(([typeUrl, { received, asked }], index) => {
        const names = wholes.includes(typeUrl) ? [] : asked.keys();
        return resume(typeUrl, names, heldAfter(received), index === 0 ? node : undefined);
      });
    },
    move: (to) => {
      const requests = prepared ?? [];
      call.close();
      prepared = undefined;
      call = open(to);
      for (const request of requests) call.send(request);
    },
    close: () => call.close(),
  };
}

function hear(type: HeldType, name: string): void {
  if (type.asked.get(name) !== false) return;
  type.asked.set(name, true);
  type.missing -= 1;
}

/** Name → version. */
function heldAfter(received: HeldType["received"]): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const { resources, removed } of received) {
    for (const { name, version } of resources) held.set(name, version);
    for (const name of removed) held.delete(name);
  }
  return held;
}
