// Steady HTTP/1.1 requests by a load generator that others wrote and know (autocannon), beside those by clients of our own. It takes a connection
// that ends for no failure and goes on with another one, whatever was asked on it: what it sent and never had answered counts here.

import autocannon, { type Client } from "autocannon";
import { type Flow, fail, newTally } from "./tally.ts";

export interface KnownGeneratorOptions {
  readonly name: string;
  readonly perSecond: number;
  readonly host: string;
  readonly port: number;
  /** The `host` header. */
  readonly authority: string;
}

const connections = 4;
/** No load goes on for longer. */
const longestSeconds = 24 * 3600;
const patienceSeconds = 9;

export function startKnownGenerator({ name, perSecond, host, port, authority }: KnownGeneratorOptions): Flow {
  const tally = newTally(name);
  const ended = Promise.withResolvers<void>();
  let sent = 0;
  let finished = 0;
  const instance = autocannon(
    {
      url: `http://${host}:${port}/`,
      headers: { host: authority },
      connections,
      overallRate: Math.max(connections, Math.round(perSecond)),
      duration: longestSeconds,
      timeout: patienceSeconds,
      setupClient: (client: Client) => void client.addListener("request", () => (sent += 1)),
    },
    () => ended.resolve(),
  );
  instance.on("response", (_, status) => {
    finished += 1;
    if (status === 200) tally.ok += 1;
    else fail(tally, `${status}`);
  });
  instance.on("reqError", (error: Error) => {
    finished += 1;
    fail(tally, error.message);
  });
  return {
    tally,
    async stop() {
      instance.stop();
      await ended.promise;
      // Each connection may have one under way.
      const lost = sent - finished - connections;
      if (lost > 0) fail(tally, `${lost} requests were sent and never answered`);
    },
  };
}
