// `exportTo`: who may see an object.

import { everyone, type Visibility } from "../../model/labels.ts";
import { isDnsLabel } from "../../model/names.ts";
import { type Place, readItems, readRawText, report } from "./place.ts";

export interface ExportRules {
  /** What the mesh says for objects that say nothing. */
  readonly whenAbsent: readonly string[];
  /** Whether `~` (nobody) may be said. */
  readonly allowNone: boolean;
}

/** `.` is the object's own namespace, `*` everyone, `~` nobody; namespaces are sorted. */
export function readExportTo(place: Place, rules: ExportRules): Visibility {
  const { namespace } = place.reader.object;
  const items = readItems(place);
  if (items.length === 0) return visibilityOf(rules.whenAbsent, namespace);
  const names: string[] = [];
  for (const item of items) {
    const text = readRawText(item);
    if (text === undefined) continue;
    const name = text === "." ? namespace : text;
    if (names.includes(name)) {
      report(item, "duplicate-value", `"${text}" says again what an earlier entry says`);
    } else if (name === "~" && !rules.allowNone) {
      report(item, "invalid-value", `"~" (nobody) cannot be said of this kind`);
    } else if (name !== "*" && name !== "~" && !isDnsLabel(name)) {
      report(item, "invalid-value", `"${text}" is not a namespace, ".", or "*"`);
    }
    names.push(name);
  }
  if (names.length > 1) {
    for (const alone of ["*", "~"]) {
      if (names.includes(alone))
        report(place, "invalid-value", `"${alone}" cannot stand beside other entries`);
    }
  }
  return visibilityOf(names, namespace);
}

/** The same for a list that is known to be valid, such as the mesh's defaults. */
export function visibilityOf(entries: readonly string[], namespace: string): Visibility {
  if (entries.includes("*")) return everyone;
  const names = entries.filter((entry) => entry !== "~").map((entry) => (entry === "." ? namespace : entry));
  return { type: "namespaces", names: [...new Set(names)].sort() };
}
