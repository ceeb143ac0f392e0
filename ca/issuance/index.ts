// What may be issued, to whom and for how long. Pure.

export {
  defaultPolicy,
  type IssuancePlan,
  type IssuancePolicy,
  type IssuanceRequest,
  type IssuanceRules,
  type IssuingWindow,
  planIssuance,
  planValidity,
  type Validity,
} from "./policy.ts";
export { type ClaimedName, judgeClaimedNames } from "./requested-names.ts";
export { serialNumberFrom } from "./serial-number.ts";
