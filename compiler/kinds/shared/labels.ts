// Labels and the selectors over them.

import type { Labels } from "../../model/labels.ts";
import { type Place, readEntries, readRawText, readTextMap, report } from "./place.ts";

const labelName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Labels that a workload may have (Kubernetes' syntax), sorted by key. */
export function readLabels(place: Place): Labels {
  for (const [key, entry] of readEntries(place)) {
    const name = key.includes("/") ? key.slice(key.indexOf("/") + 1) : key;
    if (!labelName.test(name)) report(entry, "invalid-key", `"${key}" is not a label`);
    const value = readRawText(entry);
    if (value !== undefined && value !== "" && !labelName.test(value)) {
      report(
        entry,
        "invalid-value",
        `"${value}" is not a label value: letters, digits, "-", "_" and ".", at most 63`,
      );
    }
  }
  return readTextMap(place);
}

/** The labels that a selector asks for; `*` in it is refused, since it would be taken literally. */
export function readSelectorLabels(place: Place): Labels {
  for (const [key, entry] of readEntries(place)) {
    if (key === "") report(entry, "invalid-key", "a selector cannot have an empty label");
    if (key.includes("*") || (readRawText(entry) ?? "").includes("*")) {
      report(entry, "invalid-value", `wildcards are not supported in selectors: "${key}"`);
    }
  }
  return readTextMap(place);
}
