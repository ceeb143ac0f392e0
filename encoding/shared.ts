// Parts that many messages have in common. In: a message that never changes. Out: the same message, known to be one of which
// it pays to remember what was found out about it: its bytes, or that nothing is wrong with it.

import type { Message } from "@bufbuild/protobuf";

const shared = new WeakSet<Message>();

/** Says that a message is a part of many others. It must never change. */
export function share<M extends Message>(part: M): M {
  shared.add(part);
  return part;
}

/** Whether somebody said so of this very object. */
export function isShared(part: Message): boolean {
  return shared.has(part);
}
