// A server for a real Envoy, in plain text and for anybody, for as long as a test lasts.

import type { ExecutionContext } from "ava";
import { createXdsServer, type HostPort } from "../index.ts";
import type { TestConfig } from "./config.ts";

/** Listens on a free port unless one is given; throws where it cannot. */
export async function serve(
  t: ExecutionContext,
  config: TestConfig,
  at: HostPort = { host: "127.0.0.1", port: 0 },
) {
  const server = createXdsServer({
    port: config,
    identifier: "test",
    authenticate: () => ({ ok: true }),
    // Longer than a busy machine takes to let an Envoy answer.
    session: { removalGraceMs: 100, canaryWaitMs: 10_000 },
  });
  t.teardown(() => server.close(0));
  const result = await server.listenPlaintext(at);
  if (!result.ok) throw new Error(result.message);
  return { server, address: result.listener.address };
}
