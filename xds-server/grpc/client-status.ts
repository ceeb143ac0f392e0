// The client status service (CSDS): what each connected client has, has acknowledged and has refused, resource by resource. In:
// the sessions, when asked. It is served on the plain-text port alone, which only this machine reaches: the answer is the whole
// mesh's configuration, and a workload's identity on the TLS port is no permission to read that of others.

import { Message } from "../cache/wire.ts";
import type { Call } from "../transport/call.ts";
import type { Methods } from "../transport/grpc-server.ts";
import type { Status } from "../transport/status.ts";
import { type Answer, unary } from "../transport/unary.ts";
import {
  type ClientConfig,
  decodeClientStatusRequest,
  encodeClientStatusResponse,
} from "./client-status-codec.ts";
import { matchesNode, UnsupportedMatcher } from "./node-matcher.ts";

export const clientStatusServiceName = "envoy.service.status.v3.ClientStatusDiscoveryService";

const fetch = `/${clientStatusServiceName}/FetchClientStatus`;
const stream = `/${clientStatusServiceName}/StreamClientStatus`;

/** `open` collects the streams under way, so that whoever closes the server can end them. */
export function clientStatusMethods(clients: () => readonly ClientConfig[], open: Set<Call>): Methods {
  return new Map<string, (call: Call) => void>([
    [fetch, unary((request) => answer(request, clients))],
    [
      stream,
      (call) => {
        open.add(call);
        call.listen({
          message: (request) => {
            const found = answer(request, clients);
            if ("refusal" in found) {
              call.end(found.refusal.code, found.refusal.details);
              return;
            }
            // Who asks faster than it reads is asked to wait: no answer is made before the last one has left.
            call.pause();
            call.write(found.message, () => call.resume());
          },
          halfClosed: () => call.end("OK"),
          closed: () => void open.delete(call),
        });
      },
    ],
  ]);
}

/** Ends the streams under way, as a server does that is about to close. */
export function endClientStatus(open: ReadonlySet<Call>): void {
  for (const call of [...open]) call.end("UNAVAILABLE", "the server is shutting down");
}

/** For ports where anybody may call who has an identity, or none. */
export const refusedClientStatus: Methods = new Map(
  [fetch, stream].map((path) => [path, (call: Call) => call.end(notHere.code, notHere.details)]),
);

const notHere: Status = {
  code: "PERMISSION_DENIED",
  details: "client status is served on the plain-text port only, which is on loopback",
};

function answer(request: Buffer, clients: () => readonly ClientConfig[]): Answer {
  try {
    const { matchers, excludeContents } = decodeClientStatusRequest(request);
    const asked = clients().filter(({ node }) => matchesNode(matchers, node));
    return { message: new Message([encodeClientStatusResponse(asked, excludeContents)]) };
  } catch (error) {
    const details =
      error instanceof UnsupportedMatcher
        ? `this server does not understand ${error.message}`
        : "the request cannot be decoded";
    return { refusal: { code: "INVALID_ARGUMENT", details } };
  }
}
