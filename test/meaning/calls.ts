// Calls through sidecars: who makes them, and how an answer looks to a reference.

import { labelsOf } from "../end-to-end/cast.ts";
import type { Answer } from "../end-to-end/mesh.ts";
import type { Call, Outcome } from "./virtual-service.ts";

export const clients = [
  { name: "client", at: 1, envoy: "sidecar", serves: [] },
  { name: "stranger-v2", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] },
] as const;

export interface Wish extends Omit<Call, "authority" | "from"> {
  readonly client: (typeof clients)[number];
  readonly host: string;
}

/** On port 80 without the port. */
export function callOf({ client, host, port, ...more }: Wish): Call {
  return {
    ...more,
    port,
    authority: port === 80 ? host : `${host}:${port}`,
    from: { namespace: client.name === "client" ? "shop" : "elsewhere", labels: labelsOf(client) },
  };
}

export function urlOf({ authority, path, query }: Call): string {
  return `http://${authority}${path}${query === undefined ? "" : `?${query}`}`;
}

/** In the shape of what is expected. */
export function outcomeSeen({ status, headers, body, seen, server }: Answer, expected: Outcome): Outcome {
  return {
    status,
    ...(expected.body !== undefined && { body }),
    ...(headers.location !== undefined && { location: headers.location }),
    ...(seen && {
      reached: {
        version: expected.reached?.version && server.slice("reviews-".length),
        path: seen.path,
        authority: seen.authority,
        headers: Object.fromEntries(["x-a", "x-b", "x-c"].map((name) => [name, seen.headers[name]])),
      },
    }),
  };
}
