// The compiler's product: one Envoy message with the objects that made it. Versions and bytes are the server's business.

import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Origin } from "../model/origin.ts";

/** `message` is frozen by convention and shared: the same object means the same resource. */
export interface EmittedResource {
  readonly typeUrl: string;
  readonly name: string;
  readonly schema: DescMessage;
  readonly message: Message;
  readonly origins: readonly Origin[];
}
