// What Envoy would refuse, found before it is sent. In: a message of any type. Out: every violation with its field path;
// what to do about them is for the caller to decide.

import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { MessageTypes } from "@envoyproxy/protos-ts/files";
import { messageCheck } from "./message-check.ts";
import { type Violation, Walk } from "./violation.ts";

export { type FieldPath, formatPath, type Violation } from "./violation.ts";

/**
 * Checks the constraints in Envoy's own descriptors (`validate.rules`) and the refusals that Envoy states nowhere, in the
 * message and in every packed message of a type that `types` knows. Empty: Envoy should take it. Verdicts are
 * remembered by object: a message must not change once it was checked.
 */
export function checkMessage(
  schema: DescMessage,
  message: Message,
  types: MessageTypes,
): readonly Violation[] {
  const known = verdicts.get(message);
  if (known?.types === types) return known.violations;
  const walk = new Walk(types);
  messageCheck(schema)(message, walk);
  verdicts.set(message, walk);
  return walk.violations;
}

const verdicts = new WeakMap<Message, Walk>();
