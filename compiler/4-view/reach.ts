// How sidecars come to a port of a service: by the name that a request calls, at the address that all services share; or at addresses
// that are the service's own.

import { isIP } from "../model/address.ts";
import type { MeshService, Protocol, ServicePort } from "../model/service.ts";

/** Whether requests on such a port are routed as HTTP (a detected port may be). */
export function isHttp(protocol: Protocol): boolean {
  return ["http", "http2", "grpc", "grpc-web", "auto"].includes(protocol);
}

/** Whether requests on such a port are told apart by the name that they call, and by nothing else. */
export function isByName({ protocol }: ServicePort): boolean {
  return isHttp(protocol) && protocol !== "auto";
}

/** Whether what comes to a port may be HTTP, and comes to addresses which tell whose it is. */
export function isByAddress({ addresses, headless }: MeshService, { protocol }: ServicePort): boolean {
  return protocol === "auto" && (addresses.length > 0 ? addresses.some(isIP) : headless);
}

/** Whether a port is routed as HTTP at the shared address. */
export function isShared({ addresses, headless }: MeshService, port: ServicePort): boolean {
  if (port.protocol !== "auto") return isHttp(port.protocol);
  return addresses.length > 0 ? addresses.some(isRange) : !headless;
}

export function isRange(address: string): boolean {
  return address.includes("/");
}
