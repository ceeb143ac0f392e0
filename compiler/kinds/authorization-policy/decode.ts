// AuthorizationPolicy → a filter policy. In: the object. Out: its spec in our own terms, with warnings where a policy does
// something else than it seems to.

import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { Reader } from "../kind.ts";
import { at, compact, isSet, type Place, readChoice, readText, specOf } from "../shared/place.ts";
import { readPolicyTarget } from "../shared/policy-target.ts";
import { checkAction, checkMeaning } from "./check-meaning.ts";
import { readRules } from "./decode-rules.ts";
import { policyName } from "./resolve.ts";
import type { AuthorizationAction, AuthorizationSpec } from "./spec.ts";

const actions: Readonly<Record<string, AuthorizationAction>> = {
  ALLOW: "allow",
  DENY: "deny",
  AUDIT: "audit",
  CUSTOM: "custom",
};

const dryRunAnnotation = "istio.io/dry-run";

export function decodeAuthorizationPolicy(object: RawObject, reader: Reader): readonly Fact[] {
  const place = specOf(reader);
  const attachment = readPolicyTarget(place);
  const spec = readSpec(place, object, reader);
  checkAction(place, spec);
  checkMeaning(spec, reader);
  if (attachment.type === "references") return [];
  return [
    {
      type: "filter-policy",
      value: compact({
        policy: policyName,
        name: object.name,
        namespace: object.namespace,
        selector: attachment.selector,
        spec,
        created: object.created,
        origin: reader.origin(),
      }),
    },
  ];
}

function readSpec(place: Place, object: RawObject, reader: Reader): AuthorizationSpec {
  return compact<AuthorizationSpec>({
    action: isSet(at(place, "action")) ? (readChoice(at(place, "action"), actions) ?? "allow") : "allow",
    provider: readText(at(place, "provider", "name")),
    dryRun: readDryRun(object, reader),
    rules: readRules(at(place, "rules")),
  });
}

/** The spellings that Go's ParseBool takes. Anything else does not switch enforcement off. */
function readDryRun(object: RawObject, reader: Reader): boolean {
  const text = object.annotations[dryRunAnnotation];
  if (text === undefined || ["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  const message = `"${text}" is neither true nor false, so that the policy is enforced`;
  reader.report("ineffective-field", ["metadata", "annotations", dryRunAnnotation], message);
  return false;
}
