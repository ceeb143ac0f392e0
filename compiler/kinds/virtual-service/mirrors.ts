// Destinations that get a copy of the traffic.

import type { Mirror } from "../../model/routes.ts";
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

/** `mirrors`, or the older `mirror` with its percentage beside it. Mirrors of 0 % are left out. */
export function readMirrors(rule: Place): readonly Mirror[] {
  reportExclusive(rule, ["mirrors", "mirror"]);
  const mirrors = [...readList(at(rule, "mirrors")), ...readSingle(rule)];
  return mirrors.filter(({ percentage }) => percentage > 0);
}

function readList(place: Place): readonly Mirror[] {
  return readItems(place).flatMap((item) => {
    const target = at(item, "destination");
    if (!isSet(target)) reportMissing(item, "destination");
    const percentage = readPercentage(at(item, "percentage")) ?? 100;
    const destination = isSet(target) ? readDestination(target) : undefined;
    return destination === undefined ? [] : [{ destination, percentage }];
  });
}

function readSingle(rule: Place): readonly Mirror[] {
  const percentage = readPercentage(at(rule, "mirrorPercentage")) ?? readDeprecated(rule) ?? 100;
  const target = at(rule, "mirror");
  const destination = isSet(target) ? readDestination(target) : undefined;
  return destination === undefined ? [] : [{ destination, percentage }];
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
