// Methods that are asked once and answer once, as functions. A second request on the same call is not read.

import type { Call, Outgoing } from "./call.ts";
import type { Status } from "./status.ts";

/** What came of a request. */
export type Answer = { readonly message: Outgoing } | { readonly refusal: Status };

export function unary(answer: (request: Buffer) => Answer): (call: Call) => void {
  return (call) => {
    call.listen({
      message: (request) => {
        const answered = answer(request);
        if ("refusal" in answered) {
          call.end(answered.refusal.code, answered.refusal.details);
          return;
        }
        call.write(answered.message);
        call.end("OK");
      },
      halfClosed: () => call.end("INVALID_ARGUMENT", "there is no request"),
      closed: () => {},
    });
  };
}
