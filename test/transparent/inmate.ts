// Runs inside a network namespace as the workload's application: serves, and calls others as it is told over IPC. It has
// no idea that there is a mesh.

import { connect } from "node:net";
import { startApplication } from "../end-to-end/application.ts";
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
      return converse(order.host, order.port, order.text);
  }
}

/** What has come when the echo of the text is complete. The connection stays open until then, as in most protocols. */
function converse(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect({ host, port }, () => socket.write(text));
    socket.setTimeout(3000, () => socket.destroy(new Error("no answer in time")));
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString();
      if (!received.endsWith(text)) return;
      resolve(received);
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`closed after "${received}"`)));
  });
}

process.on("message", ({ id, order }: { readonly id: number; readonly order: Order }) => {
  carryOut(order).then(
    (result) => process.send?.({ id, result } satisfies Report),
    (error: unknown) => process.send?.({ id, error: String(error) } satisfies Report),
  );
});
// Whoever started it is gone.
process.on("disconnect", () => process.exit());
