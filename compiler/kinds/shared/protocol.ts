// Names of application protocols, as ports and policies write them.

import { valueAt } from "../../model/labels.ts";
import type { Protocol } from "../../model/service.ts";
import { type Place, readText, report } from "./place.ts";

/** Istio's names, lower case. `grpc-web-text` and Istio's own tunnels are not protocols that a port of policy has. */
const protocols: Readonly<Record<string, Protocol>> = {
  http: "http",
  http2: "http2",
  grpc: "grpc",
  "grpc-web": "grpc-web",
  https: "https",
  tls: "tls",
  tcp: "tcp",
  mongo: "mongo",
  redis: "redis",
  mysql: "mysql",
  udp: "udp",
};

/** Undefined for a text that names none. Case does not matter. */
export function parseProtocol(text: string): Protocol | undefined {
  return valueAt(protocols, text.toLowerCase());
}

/** Whether connections of the protocol are HTTP that can be seen (TLS ended here included). */
export function isHttp(protocol: Protocol): boolean {
  return protocol === "http" || protocol === "http2" || protocol === "grpc" || protocol === "grpc-web";
}

/** Whether connections begin with TLS. */
export function isTls(protocol: Protocol): boolean {
  return protocol === "https" || protocol === "tls";
}

/** `auto` when nothing is written; an unknown name is reported and undefined. */
export function readProtocol(place: Place): Protocol | undefined {
  const text = readText(place);
  if (text === undefined) return "auto";
  const protocol = parseProtocol(text);
  if (protocol === undefined) {
    const names = "HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, REDIS, MYSQL or UDP";
    report(place, "invalid-protocol", `"${text}" is not a protocol`, `use ${names}`);
  }
  return protocol;
}
