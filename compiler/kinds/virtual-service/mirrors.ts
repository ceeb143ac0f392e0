// Destinations that get a copy of the traffic.

import type { Destination, Mirror } from "../../model/routes.ts";
import {
  at,
  isSet,
  type Place,
  readItems,
  readNumber,
  report,
  reportExclusive,
  reportMissing,
} from "../shared/place.ts";
import { readDestination } from "./destination.ts";

/** `mirrors`. */
export function readMirrors(rule: Place): readonly Mirror[] {
  reportExclusive(rule, ["mirrors", "mirror"]);
  return readItems(at(rule, "mirrors")).flatMap((item) => {
    const target = at(item, "destination");
    if (!isSet(target)) reportMissing(item, "destination");
    const percentage = readPercentage(at(item, "percentage")) ?? 100;
    const destination = isSet(target) ? readDestination(target) : undefined;
    return destination === undefined ? [] : [{ destination, percentage }];
  });
}

/** The older `mirror`. */
export function readMirror(rule: Place): Destination | undefined {
  const target = at(rule, "mirror");
  return isSet(target) ? readDestination(target) : undefined;
}

/** Of the older `mirror`, and beside it: a rule may say the one and inherit the other. */
export function readMirrorPercentage(rule: Place): number | undefined {
  return readPercentage(at(rule, "mirrorPercentage")) ?? readDeprecated(rule);
}

function readDeprecated(rule: Place): number | undefined {
  for (const field of ["mirrorPercent", "mirror_percent"]) {
    const place = at(rule, field);
    if (!isSet(place)) continue;
    report(place, "deprecated-field", `"${field}" is deprecated`, `use "mirrorPercentage.value"`);
    return checked(place, readNumber(place));
  }
  return undefined;
}

function readPercentage(place: Place): number | undefined {
  if (!isSet(place)) return undefined;
  return checked(at(place, "value"), readNumber(at(place, "value")) ?? 0);
}

function checked(place: Place, value: number | undefined): number | undefined {
  if (value !== undefined && (value < 0 || value > 100)) {
    report(place, "invalid-value", `${value} is not a percentage between 0 and 100`);
  }
  return value;
}
