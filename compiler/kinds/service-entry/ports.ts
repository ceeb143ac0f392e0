// The ports of a service entry.

import type { ServicePort } from "../../model/service.ts";
import { at, type Place, readItems, report } from "../shared/place.ts";
import { readOptionalPort, readPort, readPortName } from "../shared/port.ts";
import { readProtocol } from "../shared/protocol.ts";

/** Names and numbers are unique. A port without a target is served on its own number. */
export function readPorts(place: Place): readonly ServicePort[] {
  const seen = new Set<string | number>();
  const checkUnique = (value: string | number, item: Place, what: string) => {
    if (seen.has(value)) report(item, "duplicate-value", `another port has the ${what} ${value} already`);
    seen.add(value);
  };
  return readItems(place).map((item) => {
    const name = readPortName(at(item, "name")) ?? "";
    const number = readPort(at(item, "number")) ?? 0;
    checkUnique(name, at(item, "name"), "name");
    checkUnique(number, at(item, "number"), "number");
    return {
      number,
      name,
      protocol: readProtocol(at(item, "protocol")) ?? "auto",
      target: readOptionalPort(at(item, "targetPort")) ?? number,
    };
  });
}
