// When an endpoint that misbehaves is left out for a while, in Envoy's terms.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type OutlierDetection as EnvoyOutlierDetection,
  OutlierDetectionSchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/outlier_detection";
import type { OutlierDetection } from "../../model/destination.ts";

/**
 * As in Istio: a threshold of 0 switches its detector off, one that is set is enforced always, one that is not keeps
 * Envoy's default (5 consecutive 5xx), and detection by success rate is off.
 */
export function outlierDetection(policy: OutlierDetection): EnvoyOutlierDetection {
  const local = policy.splitExternalLocalOriginErrors ? policy.consecutiveLocalOriginFailures : undefined;
  return create(OutlierDetectionSchema, {
    enforcingSuccessRate: 0,
    ...(policy.consecutive5xxErrors !== undefined && {
      consecutive5xx: policy.consecutive5xxErrors,
      enforcingConsecutive5xx: enforced(policy.consecutive5xxErrors),
    }),
    ...(policy.consecutiveGatewayErrors !== undefined && {
      consecutiveGatewayFailure: policy.consecutiveGatewayErrors,
      enforcingConsecutiveGatewayFailure: enforced(policy.consecutiveGatewayErrors),
    }),
    ...(policy.intervalMs !== undefined && { interval: durationFromMs(policy.intervalMs) }),
    ...(policy.baseEjectionTimeMs !== undefined && {
      baseEjectionTime: durationFromMs(policy.baseEjectionTimeMs),
    }),
    ...(policy.maxEjectionPercent !== undefined && { maxEjectionPercent: policy.maxEjectionPercent }),
    ...(policy.splitExternalLocalOriginErrors && {
      splitExternalLocalOriginErrors: true,
      enforcingLocalOriginSuccessRate: 0,
    }),
    ...(local && { consecutiveLocalOriginFailure: local, enforcingConsecutiveLocalOriginFailure: 100 }),
  });
}

function enforced(threshold: number): number {
  return threshold > 0 ? 100 : 0;
}
