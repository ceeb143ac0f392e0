// Addresses that a listener binds to, and sockets in the file system.

import { isIpAddress } from "./ip-range.ts";
import { type Place, readText, report } from "./place.ts";

const unixPrefix = "unix://";

export function isUnixAddress(address: string): boolean {
  return address.startsWith(unixPrefix);
}

/** An IP address or `unix://path`; undefined when there is none. */
export function readBind(place: Place): string | undefined {
  const bind = readText(place);
  if (bind === undefined) return undefined;
  if (isUnixAddress(bind)) checkUnixAddress(place, bind);
  else if (!isIpAddress(bind))
    report(place, "invalid-address", `"${bind}" is neither an IP address nor unix://path`);
  return bind;
}

/** A socket is an absolute path to a file, or an abstract name that begins with `@`. */
export function checkUnixAddress(place: Place, address: string): boolean {
  const path = address.slice(unixPrefix.length);
  if (path.startsWith("@") || (path.startsWith("/") && !path.endsWith("/"))) return true;
  const fault = path === "" ? "it is empty" : path.endsWith("/") ? "it is a directory" : "it is not absolute";
  report(place, "invalid-address", `"${address}" is not a socket path: ${fault}`);
  return false;
}
