// A TCP client that keeps its connection open until it has its answer. One that sends and half-closes in one go is cut by
// Envoy's own inspectors when both arrive before they have looked (envoy: ListenerFilterBufferImpl::onFileEvent).

import { connect } from "node:net";

export interface Conversation {
  readonly host: string;
  readonly port: number;
  readonly text: string;
  /** Stays silent until the server has said something. */
  readonly afterGreeting?: boolean;
}

/** What has come when the echo of the text is complete. Rejects when the connection is cut before, or after three seconds. */
export function converse({ host, port, text, afterGreeting = false }: Conversation): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect({ host, port }, () => {
      if (!afterGreeting) socket.write(text);
    });
    socket.setTimeout(3000, () => socket.destroy(new Error("no answer in time")));
    socket.on("data", (chunk: Buffer) => {
      if (afterGreeting && received === "") socket.write(text);
      received += chunk.toString();
      if (!received.endsWith(text)) return;
      resolve(received);
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`closed after "${received}"`)));
  });
}
