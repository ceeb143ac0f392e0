// Percentages of our model (0 to 100, with decimals) as Envoy's fractions.

import { create } from "@bufbuild/protobuf";
import {
  type RuntimeFractionalPercent,
  RuntimeFractionalPercentSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import {
  FractionalPercent_DenominatorType as Denominator,
  type FractionalPercent,
  FractionalPercentSchema,
} from "@envoyproxy/protos-ts/envoy/type/v3/percent";

/** Whole percents stay readable (n of 100); the rest is rounded to a millionth. */
export function fractionalPercent(percentage: number): FractionalPercent {
  return Number.isInteger(percentage)
    ? create(FractionalPercentSchema, { numerator: percentage, denominator: Denominator.HUNDRED })
    : create(FractionalPercentSchema, {
        numerator: Math.round(percentage * 10_000),
        denominator: Denominator.MILLION,
      });
}

/** The same where Envoy would allow a runtime override; none is named. */
export function runtimeFraction(percentage: number): RuntimeFractionalPercent {
  return create(RuntimeFractionalPercentSchema, { defaultValue: fractionalPercent(percentage) });
}
