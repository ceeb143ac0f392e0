// Port numbers and port names.

import { isDnsLabel } from "../../model/names.ts";
import { type Place, readNumber, readText, report } from "./place.ts";

export function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= 65_535;
}

/** A port between 1 and 65535. */
export function readPort(place: Place): number | undefined {
  const number = readNumber(place);
  if (number === undefined || isPort(number)) return number;
  report(place, "invalid-port", `${number} is not a port: ports are between 1 and 65535`);
  return undefined;
}

/** As `readPort`, but 0 stands for no port, as in proto3. */
export function readOptionalPort(place: Place): number | undefined {
  return place.value === 0 ? undefined : readPort(place);
}

/** A name for a port; undefined when there is none. */
export function readPortName(place: Place): string | undefined {
  const name = readText(place);
  if (name !== undefined && !isDnsLabel(name)) {
    report(
      place,
      "invalid-name",
      `"${name}" is not a port name: letters, digits and inner hyphens, at most 63`,
    );
  }
  return name;
}
