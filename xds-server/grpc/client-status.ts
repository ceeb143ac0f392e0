// The client status service (CSDS): what each connected client has, has acknowledged and has refused, resource by resource. In:
// the sessions, when asked. It is served on the plain-text port alone, which only this machine reaches: the answer is the whole
// mesh's configuration, and a workload's identity on the TLS port is no permission to read that of others.

import {
  type MethodDefinition,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import {
  type ClientConfig,
  decodeClientStatusRequest,
  encodeClientStatusResponse,
} from "./client-status-codec.ts";
import { matchesNode, UnsupportedMatcher } from "./node-matcher.ts";

export const clientStatusServiceName = "envoy.service.status.v3.ClientStatusDiscoveryService";

const asTheyAre = (bytes: Buffer) => bytes;
const bytesBothWays = {
  requestSerialize: asTheyAre,
  requestDeserialize: asTheyAre,
  responseSerialize: asTheyAre,
  responseDeserialize: asTheyAre,
} as const;

export const clientStatusService: {
  readonly streamClientStatus: MethodDefinition<Buffer, Buffer>;
  readonly fetchClientStatus: MethodDefinition<Buffer, Buffer>;
} = {
  streamClientStatus: {
    path: `/${clientStatusServiceName}/StreamClientStatus`,
    requestStream: true,
    responseStream: true,
    ...bytesBothWays,
  },
  fetchClientStatus: {
    path: `/${clientStatusServiceName}/FetchClientStatus`,
    requestStream: false,
    responseStream: false,
    ...bytesBothWays,
  },
};

export interface ClientStatusHandlers {
  streamClientStatus(call: ServerDuplexStream<Buffer, Buffer>): void;
  fetchClientStatus(call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void;
}

/** `open` collects the streams under way, so that whoever closes the server can end them. */
export function clientStatusHandlers(
  clients: () => readonly ClientConfig[],
  open: Set<ServerDuplexStream<Buffer, Buffer>>,
): ClientStatusHandlers {
  return {
    fetchClientStatus(call, reply) {
      const found = answer(call.request, clients);
      if (Buffer.isBuffer(found)) reply(null, found);
      else reply(found);
    },
    streamClientStatus(call) {
      open.add(call);
      const gone = () => open.delete(call);
      call.on("close", gone).on("cancelled", gone).on("error", gone);
      call.on("end", () => call.end());
      call.on("data", (request: Buffer) => {
        const found = answer(request, clients);
        if (!Buffer.isBuffer(found)) {
          call.emit("error", found);
          return;
        }
        // Who asks faster than it reads is asked to wait: no answer is made before the last one has left.
        call.pause();
        call.write(found, () => call.resume());
      });
    },
  };
}

/** Ends the streams under way, as a server does that is about to close. */
export function endClientStatus(open: ReadonlySet<ServerDuplexStream<Buffer, Buffer>>): void {
  const details = "the server is shutting down";
  for (const call of [...open]) call.emit("error", { code: status.UNAVAILABLE, details });
}

/** For ports where anybody may call who has an identity, or none. */
export const refusedClientStatus: ClientStatusHandlers = {
  fetchClientStatus: (_, reply) => reply(notHere),
  streamClientStatus: (call) => void call.emit("error", notHere),
};

const notHere = {
  code: status.PERMISSION_DENIED,
  details: "client status is served on the plain-text port only, which is on loopback",
};

function answer(
  request: Buffer,
  clients: () => readonly ClientConfig[],
): Buffer | { readonly code: status; readonly details: string } {
  try {
    const { matchers, excludeContents } = decodeClientStatusRequest(request);
    const asked = clients().filter(({ node }) => matchesNode(matchers, node));
    return encodeClientStatusResponse(asked, excludeContents);
  } catch (error) {
    const details =
      error instanceof UnsupportedMatcher
        ? `this server does not understand ${error.message}`
        : "the request cannot be decoded";
    return { code: status.INVALID_ARGUMENT, details };
  }
}
