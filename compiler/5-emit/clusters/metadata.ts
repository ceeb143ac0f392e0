// What a cluster says about itself under the metadata key `istio`: telemetry and dashboards read it, Envoy does not.

import { create, type JsonObject } from "@bufbuild/protobuf";
import { type Metadata, MetadataSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import type { ClusterPlan } from "../../4-view/plan/index.ts";
import { parseClusterName } from "../../model/names.ts";

/** Undefined for clusters without a service behind them. Keys are in alphabetical order, for equal bytes. */
export function clusterMetadata(plan: ClusterPlan): Metadata | undefined {
  if (plan.service === undefined) return undefined;
  const { host, name, namespace, subset } = plan.service;
  const cluster = parseClusterName(plan.name);
  const istio: JsonObject = {
    ...(cluster?.direction === "outbound" && { default_original_port: cluster.port }),
    services: [{ host, name, namespace }],
    ...(subset !== undefined && { subset }),
  };
  return create(MetadataSchema, { filterMetadata: { istio } });
}
