// A small application: says who it is and calls the next ones, through its sidecar. It knows nothing of the mesh but the
// address of that proxy.

import { createServer, type IncomingMessage, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Call } from "./answer.ts";
import { readAnswer } from "./answer.ts";
import { call, type Endpoint } from "./call.ts";
import { propagatedHeaders } from "./propagate.ts";

export interface ApplicationConfig {
  readonly service: string;
  readonly version: string;
  readonly listen: Endpoint;
  /** The sidecar's HTTP proxy for outgoing requests. */
  readonly proxy: Endpoint;
  /** Plain URLs, all called for every request. */
  readonly calls: readonly string[];
}

/** Resolves when it listens. Rejects when the address is taken. */
export function startApplication(config: ApplicationConfig): Promise<Server> {
  const server = createServer((request, response) => {
    respond(config, request).then(
      (answer) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(`${JSON.stringify(answer, null, 2)}\n`);
      },
      (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.listen.port, config.listen.host, () => resolve(server));
  });
}

async function respond(config: ApplicationConfig, request: IncomingMessage): Promise<Answer> {
  request.resume();
  await sleep(delayFor(config.service, request.headers["x-app-delay"]));
  const headers = propagatedHeaders(request.headers);
  const calls = await Promise.all(config.calls.map((url) => callNext(url, headers, config.proxy)));
  const caller = callerIn(request.headers["x-forwarded-client-cert"]);
  const { service, version } = config;
  return { service, version, ...(caller === undefined ? {} : { caller }), calls };
}

async function callNext(
  url: string,
  headers: Readonly<Record<string, string>>,
  proxy: Endpoint,
): Promise<Call> {
  const { status, body, ms, failure } = await call({ url, headers, proxy });
  const answer = readAnswer(body);
  const to = new URL(url).hostname;
  if (answer) return { to, status, ms, answer };
  return { to, status, ms, error: failure ?? body.trim().slice(0, 200) };
}

/** `ratings=2000` makes ratings wait for two seconds; others do not feel meant. Milliseconds, at most a minute. */
export function delayFor(service: string, header: string | readonly string[] | undefined): number {
  const [name, wish] = String(header ?? "").split("=");
  const ms = Number(wish);
  return name === service && ms > 0 ? Math.min(ms, 60_000) : 0;
}

/** The URI in the client's element of `x-forwarded-client-cert` (Envoy's format: `By=...;Hash=...;URI=...`). */
export function callerIn(header: string | readonly string[] | undefined): string | undefined {
  return /(?:^|[;,])URI=([^;,]+)/.exec(String(header ?? ""))?.[1];
}
