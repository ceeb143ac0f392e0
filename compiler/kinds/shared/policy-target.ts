// What a security policy is attached to: workloads by label, or a named gateway or service. In: the spec of any policy
// with these fields. Out: the labels, or that it is not for workloads.

import type { Labels } from "../../model/labels.ts";
import { readSelectorLabels } from "./labels.ts";
import {
  at,
  isSet,
  type Place,
  readItems,
  readText,
  report,
  reportExclusive,
  reportMissing,
} from "./place.ts";

/** `references`: attached to named objects, so that no sidecar is meant. */
export type PolicyAttachment =
  | { readonly type: "workloads"; readonly selector?: Labels }
  | { readonly type: "references" };

/** The fields that `readPolicyTarget` reads, for the field table of a kind. */
export const policyTargetFields = {
  selector: { "matchLabels{}": "yes" },
  "targetRef.*": "no",
  "targetRefs.*": "no",
} as const;

/** Reads `selector`, `targetRef` and `targetRefs` of a spec, of which at most one may be set. */
export function readPolicyTarget(spec: Place): PolicyAttachment {
  reportExclusive(spec, ["selector", "targetRef", "targetRefs"]);
  const references = [
    ...(isSet(at(spec, "targetRef")) ? [at(spec, "targetRef")] : []),
    ...readItems(at(spec, "targetRefs")),
  ];
  if (references.length > 0) {
    for (const reference of references) checkReference(reference);
    return { type: "references" };
  }
  return isSet(at(spec, "selector"))
    ? { type: "workloads", selector: readPolicySelector(at(spec, "selector")) }
    : { type: "workloads" };
}

/** The labels of a `selector`; one without labels is for every workload of the namespace, which deserves a word. */
export function readPolicySelector(place: Place): Labels {
  const selector = readSelectorLabels(at(place, "matchLabels"));
  if (Object.keys(selector).length === 0) {
    const message = "a selector without labels selects every workload of the namespace";
    report(place, "broad-match", message, "leave the selector out if that is meant");
  }
  return selector;
}

/** `group/kind`, the core group as `core`. */
const targets: ReadonlySet<string> = new Set([
  "core/Service",
  "networking.istio.io/ServiceEntry",
  "gateway.networking.k8s.io/Gateway",
  "gateway.networking.k8s.io/GatewayClass",
]);

function checkReference(place: Place): void {
  if (readText(at(place, "name")) === undefined) reportMissing(place, "name");
  if (readText(at(place, "namespace")) !== undefined) {
    const message = "a policy can only be attached to objects of its own namespace";
    report(at(place, "namespace"), "invalid-value", message, "leave the namespace out");
  }
  const target = `${readText(at(place, "group")) ?? "core"}/${readText(at(place, "kind")) ?? ""}`;
  if (!targets.has(target)) {
    const message = `a policy cannot be attached to ${target}`;
    report(at(place, "kind"), "invalid-value", message, `use one of: ${[...targets].join(", ")}`);
  }
}
