// A DestinationRule as a destination policy.

import type { RawObject } from "../../1-parse/index.ts";
import type { DestinationPolicy, Subset } from "../../model/destination.ts";
import type { Fact } from "../../model/fact.ts";
import type { Labels, Visibility } from "../../model/labels.ts";
import { isDnsLabel } from "../../model/names.ts";
import type { Reader } from "../kind.ts";
import { readExportTo, visibilityOf } from "../shared/export-to.ts";
import { checkHost, resolveHost } from "../shared/host.ts";
import { readLabels, readSelectorLabels } from "../shared/labels.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readItems,
  readText,
  report,
  reportMissing,
  specOf,
} from "../shared/place.ts";
import { readTrafficPolicy } from "./traffic-policy.ts";

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const spec = specOf(reader);
  const clientSelector = readClientSelector(at(spec, "workloadSelector"));
  const value = compact<DestinationPolicy>({
    name: object.name,
    namespace: object.namespace,
    host: readHost(spec),
    visibility: readVisibility(at(spec, "exportTo"), clientSelector !== undefined),
    clientSelector,
    policy: readTrafficPolicy(at(spec, "trafficPolicy")),
    subsets: readSubsets(at(spec, "subsets")),
    created: object.created,
    origin: reader.origin(),
  });
  return [{ type: "destination", value }];
}

function readHost(spec: Place): string {
  const place = at(spec, "host");
  const host = readText(place);
  if (host === undefined) {
    reportMissing(spec, "host");
    return "";
  }
  checkHost(place, host, { wildcard: true });
  const { object, mesh } = spec.reader;
  return resolveHost(host, object.namespace, mesh.domainSuffix);
}

function readClientSelector(place: Place): Labels | undefined {
  if (!isSet(place)) return undefined;
  const labels = readSelectorLabels(at(place, "matchLabels"));
  if (Object.keys(labels).length === 0) {
    report(
      place,
      "broad-match",
      "the selector has no labels, so that it selects every client of the namespace",
    );
  }
  return labels;
}

/** A rule for some clients is for those of its own namespace, and cannot be exported to others. */
function readVisibility(place: Place, hasSelector: boolean): Visibility {
  const { object, mesh } = place.reader;
  const whenAbsent = hasSelector ? ["."] : mesh.defaultDestinationExportTo;
  const visibility = readExportTo(place, { whenAbsent, allowNone: false });
  if (!hasSelector) return visibility;
  const own = visibilityOf(["."], object.namespace);
  const onlyOwn =
    visibility.type === "namespaces" &&
    visibility.names.length === 1 &&
    visibility.names[0] === object.namespace;
  if (!onlyOwn) {
    const message = `a rule with a workload selector cannot be exported beyond its namespace`;
    report(place, "invalid-value", message, `write exportTo: ["."], or leave it out`);
  }
  return own;
}

function readSubsets(place: Place): readonly Subset[] {
  const seen = new Set<string>();
  return readItems(place).map((item) => {
    const name = readText(at(item, "name"));
    if (name === undefined) reportMissing(item, "name");
    else if (!isDnsLabel(name)) {
      report(
        at(item, "name"),
        "invalid-name",
        `"${name}" is not a subset name: letters, digits and inner hyphens`,
      );
    } else if (seen.has(name)) {
      report(at(item, "name"), "duplicate-value", `the subset "${name}" is defined twice`);
    }
    seen.add(name ?? "");
    return {
      name: name ?? "",
      labels: readLabels(at(item, "labels")),
      policy: readTrafficPolicy(at(item, "trafficPolicy")),
      origin: originAt(item),
    };
  });
}
