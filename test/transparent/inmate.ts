// Runs inside a network namespace as the workload's application: serves, and calls others as it is told over IPC. It has
// no idea that there is a mesh.

import { startApplication } from "../end-to-end/application.ts";
import { converse } from "../end-to-end/converse.ts";
import { tlsRequest } from "../end-to-end/tls-client.ts";
import { request } from "../envoy/client.ts";
import type { Order, Report } from "./orders.ts";

async function carryOut(order: Order): Promise<unknown> {
  switch (order.kind) {
    case "serve": {
      await startApplication(order.application);
      return undefined;
    }
    case "http":
      return request(order.request);
    case "tls":
      return tlsRequest(order.request);
    case "tcp":
      return converse(order.conversation);
  }
}

process.on("message", ({ id, order }: { readonly id: number; readonly order: Order }) => {
  carryOut(order).then(
    (result) => process.send?.({ id, result } satisfies Report),
    (error: unknown) => process.send?.({ id, error: String(error) } satisfies Report),
  );
});
// Whoever started it is gone.
process.on("disconnect", () => process.exit());
