// The two variants of the protocol as a stream sees them: bytes to requests of the session, responses of the session to
// bytes. What a variant has to remember from message to message it remembers here.

import type { Message } from "../cache/wire.ts";
import type { DeltaRequest, DeltaResponse } from "../stream/messages.ts";
import { hearWorld, newWorldState, sayWorld } from "../stream/state-of-the-world.ts";
import {
  type DecodedRequest,
  decodeRequest,
  decodeWorldRequest,
  encodeResponse,
  encodeWorldResponse,
} from "./codec.ts";

/** What to do with a response: write it, or take the answer for it, since it cannot be said in this variant. */
export type Utterance =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "unsayable"; readonly answer: DeltaRequest };

/** One stream's way of speaking. */
export interface Dialect {
  readonly variant: "incremental" | "state-of-the-world";
  /** Throws on malformed bytes. */
  hear(bytes: Uint8Array): DecodedRequest;
  say(response: DeltaResponse): Utterance;
}

/** `DeltaAggregatedResources`. `controlPlane` comes from `encodeControlPlane`. */
export function incremental(controlPlane: Uint8Array): Dialect {
  return {
    variant: "incremental",
    hear: decodeRequest,
    say: (response) => ({ kind: "message", message: encodeResponse(response, controlPlane) }),
  };
}

/** `StreamAggregatedResources`. */
export function stateOfTheWorld(controlPlane: Uint8Array): Dialect {
  let state = newWorldState;
  return {
    variant: "state-of-the-world",
    hear(bytes) {
      const { request, ...rest } = decodeWorldRequest(bytes);
      const heard = hearWorld(state, request);
      state = heard.state;
      return { request: heard.request, ...rest };
    },
    say(response) {
      const after = sayWorld(state, response);
      state = after.state;
      if (after.said.kind === "unsayable") return after.said;
      return { kind: "message", message: encodeWorldResponse(after.said.response, controlPlane) };
    },
  };
}
