// The HTTP port beside xDS: readiness, metrics and what a person debugging wants to see. Read-only; shows no secret.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HostPort, XdsServer } from "#xds-server";
import type { Clients } from "./clients.ts";
import { dumpConfig } from "./config-dump.ts";
import type { Metrics } from "./metrics.ts";
import type { StaleSource } from "./stale-sources.ts";
import { proxySync, quarantineEntry } from "./sync-status.ts";
import type { World } from "./world.ts";

// An `import` would have Node load everything that this module exports, its fetch and WebSocket included: 20 ms of a start.
const { createServer } = process.getBuiltinModule("node:http");

export interface HttpPages {
  ready(): boolean;
  staleSources(): readonly StaleSource[];
  readonly metrics: Metrics;
  readonly server: XdsServer;
  readonly clients: Clients;
  world(): World;
  readonly version: string;
}

export interface HttpServer {
  readonly address: HostPort;
  close(): Promise<void>;
}

/** Throws when the port cannot be opened. */
export async function startHttp(at: HostPort, pages: HttpPages): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(request, response, pages).catch((error: unknown) => {
      response.writeHead(500, { "content-type": "text/plain" }).end(`${String(error)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: HttpPages): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (request.method !== "GET" && request.method !== "HEAD")
    return plain(response, 405, "only GET is served here");
  switch (url.pathname) {
    case "/ready":
    case "/healthz/ready":
      return pages.ready() ? plain(response, 200, readiness(pages)) : plain(response, 503, "not ready");
    case "/healthz/live":
      return plain(response, 200, "live");
    case "/version":
      return json(response, { version: pages.version });
    case "/metrics": {
      const { registry } = pages.metrics;
      response.writeHead(200, { "content-type": registry.contentType });
      response.end(await registry.metrics());
      return;
    }
    case "/debug/syncz":
      return json(response, pages.server.clients().map(proxySync));
    case "/debug/quarantine":
      return json(response, pages.server.quarantine().map(quarantineEntry));
    case "/debug/config_dump":
      return configDump(response, url.searchParams.get("proxyID"), pages);
    case "/debug/diagnostics":
      return json(response, pages.world().diagnostics);
    case "/":
      return plain(
        response,
        200,
        "/ready /metrics /version /debug/syncz /debug/quarantine /debug/config_dump?proxyID=NAME.NAMESPACE /debug/diagnostics",
      );
    default:
      return plain(response, 404, "no such page; / lists them");
  }
}

function configDump(response: ServerResponse, proxyId: string | null, pages: HttpPages): void {
  const found = proxyId ? pages.clients.find(proxyId) : undefined;
  if (!found) {
    const problem = proxyId ? `no proxy ${proxyId} is connected` : "which proxy? ?proxyID=NAME.NAMESPACE";
    plain(response, proxyId ? 404 : 400, `${problem}; /debug/syncz lists those that are`);
    return;
  }
  json(response, dumpConfig(pages.world().compiled.mesh, found.proxy, found.snapshot));
}

/** A source that cannot be read makes nobody less ready: what it said last is served. */
function readiness(pages: HttpPages): string {
  const stale = pages
    .staleSources()
    .map(({ name, message, since }) => `stale since ${new Date(since).toISOString()}: ${name} ${message}`);
  return ["ready", ...stale].join("\n");
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(value, null, 2)}\n`);
}
