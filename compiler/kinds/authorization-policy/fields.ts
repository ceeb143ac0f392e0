// Every field of an AuthorizationPolicy, with its state.

import type { FieldState } from "../kind.ts";
import { flattenFields } from "../shared/field-table.ts";
import { policyTargetFields } from "../shared/policy-target.ts";
import { negationOf, operationFields, sourceFields } from "./rule-fields.ts";

/** Every field and its negation: `principals` and `notPrincipals`. */
function bothWays(rows: readonly { readonly field: string }[]): Readonly<Record<string, FieldState>> {
  return Object.fromEntries(
    rows.flatMap(({ field }) => [
      [`${field}[]`, "yes"],
      [`${negationOf(field)}[]`, "yes"],
    ]),
  );
}

export const fields: Readonly<Record<string, FieldState>> = flattenFields({
  ...policyTargetFields,
  action: "yes, but not CUSTOM",
  provider: { name: "yes" },
  "rules[]": {
    "from[]": { source: bothWays(sourceFields) },
    "to[]": { operation: bothWays(operationFields) },
    "when[]": { key: "yes", "values[]": "yes", "notValues[]": "yes" },
  },
});
