// Ports and capture modes of a sidecar's listeners.

import type { ScopePort } from "../../model/scope.ts";
import { at, isSet, type Place, readChoice, readText, reportMissing } from "../shared/place.ts";
import { readPort, readPortName } from "../shared/port.ts";
import { readProtocol } from "../shared/protocol.ts";

export type CaptureMode = "default" | "iptables" | "none";

const captureModes: Readonly<Record<string, CaptureMode>> = {
  DEFAULT: "default",
  IPTABLES: "iptables",
  NONE: "none",
};

export function readCaptureMode(place: Place): CaptureMode {
  return readChoice(place, captureModes) ?? "default";
}

/** `socket`: the listener binds a path, and its port number is 0. */
export function readScopePort(place: Place, socket: boolean): ScopePort {
  const number = at(place, "number");
  if (!socket && !isSet(number)) reportMissing(place, "number");
  return {
    number: socket ? 0 : (readPort(number) ?? 0),
    name: readPortName(at(place, "name")) ?? "",
    protocol:
      readText(at(place, "protocol")) === undefined
        ? "auto"
        : (readProtocol(at(place, "protocol")) ?? "auto"),
  };
}
