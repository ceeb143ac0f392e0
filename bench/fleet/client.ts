// One delta ADS client that subscribes as Envoy does (clusters, then their endpoints, then listeners, then their routes) and
// acknowledges everything. Tells when it is configured and when something that it looks for has arrived.

import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { DeltaDiscoveryRequestSchema } from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import { Client, type ClientDuplexStream, credentials, Metadata } from "@grpc/grpc-js";
import { typeUrls } from "#xds-server";
import { monotonicMs } from "../monotonic.ts";
import { type DeltaFrame, readDeltaFrame } from "./delta-frames.ts";
import type { FleetMember } from "./protocol.ts";
import { endpointsOf, routesOf } from "./references.ts";

type Request = MessageInitShape<typeof DeltaDiscoveryRequestSchema>;

export interface FleetClient {
  /** When it had everything it asked for, for the first time. Rejects when the stream ends before. */
  readonly configured: Promise<number>;
  /** When a response that contains these bytes arrived. */
  waitFor(mark: Buffer): Promise<number>;
  /** Bytes received by type URL, and forgets them. */
  takeTraffic(): ReadonlyMap<string, number>;
  close(): void;
}

export function connectClient(member: FleetMember, port: number, roots: string | undefined): FleetClient {
  const channel = new Client(
    `127.0.0.1:${port}`,
    roots === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(roots)),
    {
      "grpc.max_receive_message_length": -1,
      // A connection of its own, as every Envoy has.
      "grpc.use_local_subchannel_pool": 1,
      "grpc.ssl_target_name_override": "fairlead",
    },
  );
  const metadata = new Metadata();
  if (member.token !== undefined) metadata.set("authorization", `Bearer ${member.token}`);
  const call: ClientDuplexStream<Request, Buffer> = channel.makeBidiStreamRequest(
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    (request: Request) =>
      Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request))),
    (bytes: Buffer) => bytes,
    metadata,
  );
  const configured = Promise.withResolvers<number>();
  const asked = new Map<string, Set<string>>();
  const open = new Set<string>([typeUrls.cluster]);
  let traffic = new Map<string, number>();
  let listeners = false;
  let search: { readonly mark: Buffer; found(at: number): void } | undefined;

  const subscribe = (typeUrl: string, names: readonly string[]): void => {
    const known = asked.get(typeUrl) ?? new Set();
    asked.set(typeUrl, known);
    const fresh = names.filter((name) => !known.has(name));
    for (const name of fresh) {
      known.add(name);
      open.add(`${typeUrl} ${name}`);
    }
    if (fresh.length > 0) call.write({ typeUrl, resourceNamesSubscribe: fresh });
  };
  const take = ({ typeUrl, nonce, resources, removed }: DeltaFrame): void => {
    open.delete(typeUrl);
    for (const { name } of resources) open.delete(`${typeUrl} ${name}`);
    for (const name of removed) open.delete(`${typeUrl} ${name}`);
    if (typeUrl === typeUrls.cluster) subscribe(typeUrls.endpoints, resources.flatMap(endpointsOf));
    if (typeUrl === typeUrls.listener) subscribe(typeUrls.routes, resources.flatMap(routesOf));
    call.write({ typeUrl, responseNonce: nonce });
    if (open.size > 0) return;
    if (listeners) configured.resolve(monotonicMs());
    else {
      listeners = true;
      open.add(typeUrls.listener);
      call.write({ typeUrl: typeUrls.listener });
    }
  };
  call.on("data", (bytes: Buffer) => {
    const at = monotonicMs();
    const frame = readDeltaFrame(bytes);
    traffic.set(frame.typeUrl, (traffic.get(frame.typeUrl) ?? 0) + bytes.byteLength);
    if (search && bytes.includes(search.mark)) {
      search.found(at);
      search = undefined;
    }
    take(frame);
  });
  call.on("error", (error) => configured.reject(error));
  call.write({ typeUrl: typeUrls.cluster, node: member.node });
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
    close: () => {
      call.cancel();
      channel.close();
    },
  };
}
