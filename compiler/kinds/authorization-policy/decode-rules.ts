// The rules of an authorization policy. In: `spec.rules`. Out: typed rules, with everything that a rule cannot say
// reported. What the policy does with a match is not known here.

import { at, isSet, type Place, readItems, report, setFields } from "../shared/place.ts";
import { readConditions } from "./decode-conditions.ts";
import { readValues } from "./decode-values.ts";
import { negationOf, operationFields, type RuleField, sourceFields } from "./rule-fields.ts";
import type { AccessRule, Attribute, Test } from "./spec.ts";

export function readRules(place: Place): readonly AccessRule[] {
  return readItems(place).map((rule) => {
    const when = readConditions(at(rule, "when"));
    const from = readAlternatives(at(rule, "from"), "source", sourceFields);
    const to = readAlternatives(at(rule, "to"), "operation", operationFields);
    for (const entry of readItems(at(rule, "from"))) checkServiceAccounts(at(entry, "source"));
    return {
      sources: from.map((tests) => [...tests, ...when.sources]),
      operations: to.map((tests) => [...tests, ...when.operations]),
    };
  });
}

/** The entries of `from` or `to`; without any, one that takes everything. */
function readAlternatives<A extends Attribute>(
  place: Place,
  field: "source" | "operation",
  rows: readonly RuleField<A>[],
): readonly (readonly Test<A>[])[] {
  if (!isSet(place)) return [[]];
  const entries = readItems(place);
  const name = place.path.at(-1);
  if (entries.length === 0) report(place, "invalid-value", `"${name}" cannot be an empty list`);
  return entries.map((entry) => {
    const tests = readTests(at(entry, field), rows);
    if (tests.length === 0) {
      const message = `"${field}" needs at least one condition`;
      report(at(entry, field), "missing-field", message, `leave "${name}" out for any`);
    }
    return tests;
  });
}

function readTests<A extends Attribute>(place: Place, rows: readonly RuleField<A>[]): readonly Test<A>[] {
  return rows.flatMap(({ field, attribute }) => {
    const values = readValues(at(place, field), attribute);
    const notValues = readValues(at(place, negationOf(field)), attribute);
    return values.length + notValues.length === 0 ? [] : [{ attribute, values, notValues }];
  });
}

/** A service account already says the namespace and the principal. */
function checkServiceAccounts(source: Place): void {
  const [accounts] = setFields(source, ["serviceAccounts", "notServiceAccounts"]);
  const [other] = setFields(source, ["principals", "notPrincipals", "namespaces", "notNamespaces"]);
  if (accounts === undefined || other === undefined) return;
  const message = `"${accounts}" cannot stand beside "${other}" in one source`;
  report(at(source, accounts), "conflicting-fields", message, "make two sources of them");
}
