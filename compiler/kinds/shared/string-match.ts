// `{exact | prefix | regex}` as Istio's objects write it.

import type { StringMatch } from "../../model/match.ts";
import type { FieldTable } from "./field-table.ts";
import { at, type Place, readRawText, report, reportExclusive, setFields } from "./place.ts";
import { checkRegex } from "./regex.ts";

export const stringMatchFields: FieldTable = { exact: "yes", prefix: "yes", regex: "yes" };

const kinds = ["exact", "prefix", "regex"] as const;

/** What the user wrote; an empty match asks only that the value is there. Undefined when the match is unusable. */
export function readStringMatch(place: Place): StringMatch | undefined {
  reportExclusive(place, kinds);
  const type = kinds.find((one) => setFields(place, [one]).length > 0);
  if (type === undefined) return { type: "present" };
  const field = at(place, type);
  const value = readRawText(field);
  if (value === undefined) return undefined;
  if (type === "regex" && !checkRegex(field, value)) return undefined;
  return { type, value };
}

/** The same, where an empty prefix would match everything by mistake. */
export function readFilledStringMatch(place: Place): StringMatch | undefined {
  const match = readStringMatch(place);
  if (match?.type !== "prefix" || match.value !== "") return match;
  report(at(place, "prefix"), "invalid-value", "an empty prefix matches everything", "leave the match out");
  return undefined;
}
