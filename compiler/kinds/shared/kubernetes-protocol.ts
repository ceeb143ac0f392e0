// The application protocol of a Kubernetes port, as Istio selects it: `appProtocol`, else the port's name up to its first
// hyphen, else a few well-known numbers; what says nothing is detected on the wire.

import { valueAt } from "../../model/labels.ts";
import type { Protocol } from "../../model/service.ts";
import { parseProtocol } from "./protocol.ts";

export interface KubernetesPort {
  readonly number: number;
  readonly name: string;
  /** `TCP`, `UDP` or `SCTP`. */
  readonly transport: string;
  readonly appProtocol?: string;
}

/** Kubernetes' own names for application protocols (KEP 3726). */
const standardNames: Readonly<Record<string, Protocol>> = {
  "kubernetes.io/h2c": "http2",
  "kubernetes.io/ws": "http",
  "kubernetes.io/wss": "https",
};

/** Servers that speak first would hang while the proxy waits to see what the client says: SMTP, DNS, MySQL, MongoDB. */
const speakFirst: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

export function kubernetesProtocol({ number, name, transport, appProtocol }: KubernetesPort): Protocol {
  // Proxies carry TCP alone; SCTP is left to the kernel as UDP is.
  if (transport === "UDP" || transport === "SCTP") return "udp";
  const text = (appProtocol ?? name).toLowerCase();
  const standard = valueAt(standardNames, text);
  if (standard !== undefined) return standard;
  if (text.startsWith("grpc-web")) return "grpc-web";
  const [word = ""] = text.split("-");
  if (word === "http_proxy") return "http";
  return parseProtocol(word) ?? (speakFirst.has(number) ? "tcp" : "auto");
}
