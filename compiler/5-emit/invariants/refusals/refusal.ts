// The shape of a check that no annotation in Envoy's API states, but that Envoy makes when it loads a message.

import type { DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import type { Walk } from "../violation.ts";

export interface Refusal {
  readonly typeName: string;
  readonly check: (message: Message, walk: Walk) => void;
}

/** Ties a check to the message type it is for. */
export function refusal<Desc extends DescMessage>(
  schema: Desc,
  check: (message: MessageShape<Desc>, walk: Walk) => void,
): Refusal {
  return {
    typeName: schema.typeName,
    check: (message, walk) => check(message as MessageShape<Desc>, walk),
  };
}
