// Outlier detection settings: the same block in destination rules and the mesh's defaults.

import type { OutlierDetection } from "../../model/destination.ts";
import { readDuration } from "./duration.ts";
import type { FieldTable } from "./field-table.ts";
import { at, compact, isSet, type Place, readFlag, readNumber, readWhole, report } from "./place.ts";

export const outlierDetectionFields: FieldTable = {
  consecutiveErrors: "yes",
  splitExternalLocalOriginErrors: "yes",
  consecutiveLocalOriginFailures: "yes",
  consecutiveGatewayErrors: "yes",
  consecutive5xxErrors: "yes",
  interval: "yes",
  baseEjectionTime: "yes",
  maxEjectionPercent: "yes",
  minHealthPercent: "yes",
  "outlierDetectionHttpErrorCodes[]": "no",
};

/** Undefined when nothing is written. 0 errors disable the count in question. */
export function readOutlierDetection(place: Place): OutlierDetection | undefined {
  if (!isSet(place)) return undefined;
  const split = readFlag(at(place, "splitExternalLocalOriginErrors")) ?? false;
  const localFailures = at(place, "consecutiveLocalOriginFailures");
  const consecutiveLocalOriginFailures = readWhole(localFailures);
  if (!split && (consecutiveLocalOriginFailures ?? 0) > 0) {
    report(
      localFailures,
      "invalid-value",
      `"consecutiveLocalOriginFailures" counts nothing unless "splitExternalLocalOriginErrors" is true`,
    );
  }
  return compact<OutlierDetection>({
    consecutiveGatewayErrors: readWhole(at(place, "consecutiveGatewayErrors")) ?? readDeprecatedErrors(place),
    consecutive5xxErrors: readWhole(at(place, "consecutive5xxErrors")),
    splitExternalLocalOriginErrors: split,
    consecutiveLocalOriginFailures,
    intervalMs: readDuration(at(place, "interval")),
    baseEjectionTimeMs: readDuration(at(place, "baseEjectionTime")),
    maxEjectionPercent: readPercent(at(place, "maxEjectionPercent")),
    minHealthPercent: readPercent(at(place, "minHealthPercent")),
  });
}

function readDeprecatedErrors(place: Place): number | undefined {
  const errors = at(place, "consecutiveErrors");
  const count = readWhole(errors);
  if (count !== undefined && count > 0) {
    const message = `"consecutiveErrors" is deprecated`;
    report(errors, "deprecated-field", message, `use "consecutiveGatewayErrors" or "consecutive5xxErrors"`);
  }
  return count;
}

/** 0–100; undefined when absent. */
export function readPercent(place: Place): number | undefined {
  const percent = readNumber(place);
  if (percent === undefined || (percent >= 0 && percent <= 100)) return percent;
  report(place, "invalid-value", `${percent} is not a percentage between 0 and 100`);
  return undefined;
}
