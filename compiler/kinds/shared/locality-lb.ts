// Locality load balancing settings: the same block in destination rules and the mesh's defaults.

import type { LocalityLb } from "../../model/destination.ts";
import type { FieldTable } from "./field-table.ts";
import {
  at,
  isSet,
  type Place,
  readEntries,
  readFlag,
  readItems,
  readText,
  readTexts,
  readWhole,
  report,
} from "./place.ts";

export const localityLbFields: FieldTable = {
  enabled: "yes",
  "distribute[]": { from: "yes", "to{}": "yes" },
  "failover[]": { from: "yes", to: "yes" },
  "failoverPriority[]": "yes",
};

/** Labels that `failover` already orders by. */
const topology: readonly string[] = [
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "topology.istio.io/subzone",
];

/** Undefined when nothing is written. `hasOutlierDetection`: without it nothing ever fails over. */
export function readLocalityLb(place: Place, hasOutlierDetection: boolean): LocalityLb | undefined {
  if (!isSet(place)) return undefined;
  const distribute = readDistribute(at(place, "distribute"));
  const failover = readFailover(at(place, "failover"));
  const failoverPriority = readTexts(at(place, "failoverPriority"));
  if (distribute.length > 0 && failover.length > 0) {
    report(at(place, "failover"), "conflicting-fields", `"failover" and "distribute" exclude each other`);
  }
  const both = failover.length > 0 ? failoverPriority.find((label) => topology.includes(label)) : undefined;
  if (both !== undefined) {
    report(
      at(place, "failoverPriority"),
      "conflicting-fields",
      `"failover" and the label ${both} exclude each other`,
    );
  }
  if (failover.length + failoverPriority.length > 0 && !hasOutlierDetection) {
    const field = failover.length > 0 ? "failover" : "failoverPriority";
    const help = `add "outlierDetection" to the same policy`;
    report(at(place, field), "ineffective-field", `"${field}" has no effect without outlier detection`, help);
  }
  return { enabled: readFlag(at(place, "enabled")) ?? true, distribute, failover, failoverPriority };
}

function readDistribute(place: Place): LocalityLb["distribute"] {
  const rules = readItems(place).map((item) => {
    const entries = readEntries(at(item, "to")).map(([locality, entry]) => {
      const weight = readWhole(entry) ?? 0;
      if (weight < 1 || weight > 100)
        report(entry, "invalid-value", `${weight} is not a weight between 1 and 100`);
      return [locality, weight] as const;
    });
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    if (total !== 100) report(at(item, "to"), "invalid-value", `the weights add up to ${total}, not to 100`);
    checkLocalities(
      at(item, "to"),
      entries.map(([locality]) => locality),
    );
    return { from: readText(at(item, "from")) ?? "", to: Object.fromEntries(entries) };
  });
  checkLocalities(
    place,
    rules.map(({ from }) => from),
  );
  return rules;
}

/** `region`, `region/zone`, `region/zone/subzone`, with `*` for the rest; no two may overlap. */
function checkLocalities(place: Place, localities: readonly string[]): void {
  const seen: (readonly string[])[] = [];
  for (const locality of localities) {
    const parts = locality.split("/");
    if (parts.length > 3 || parts.includes("")) {
      report(place, "invalid-value", `"${locality}" is not region/zone/subzone`);
    } else if (locality.slice(0, -1).includes("*")) {
      report(place, "invalid-value", `"${locality}": "*" may only be the end of a locality`);
    } else if (seen.some((other) => overlap(other, parts))) {
      report(place, "duplicate-value", `"${locality}" overlaps with another locality of the list`);
    }
    seen.push(parts);
  }
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  const count = Math.min(a.length, b.length);
  for (let index = 0; index < count; index++) {
    if (a[index] === "*" || b[index] === "*") return true;
    if (a[index] !== b[index]) return false;
  }
  return true;
}

function readFailover(place: Place): LocalityLb["failover"] {
  return readItems(place).map((item) => {
    const from = readText(at(item, "from")) ?? "";
    const to = readText(at(item, "to")) ?? "";
    if (from === to) report(item, "invalid-value", `"from" and "to" must be different regions`);
    for (const region of [from, to]) {
      if (/[/*]/.test(region))
        report(item, "invalid-value", `"${region}" is not a region: failover is between regions`);
    }
    return { from, to };
  });
}
