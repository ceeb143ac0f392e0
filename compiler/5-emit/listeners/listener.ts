// A whole listener: the plan's address, detection and filter chains as an Envoy Listener. Chains stay in plan order.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { TrafficDirection } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { type Listener, ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import type { FilterChainPlan, ListenerPlan } from "../../4-view/plan/listeners.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { Origin } from "../../model/origin.ts";
import { accessLogs } from "../access-log.ts";
import { gatherOrigins } from "../gather-origins.ts";
import type { EmittedResource } from "../resource.ts";
import { listenAddress } from "./addresses.ts";
import type { Contributors } from "./contributions.ts";
import { filterChain } from "./filter-chain.ts";
import { listenerFilters } from "./listener-filters.ts";

/** The LDS resource of a plan. The same plan object with the same contributors gives the same resource object. */
export const emitListener = memoizeByIdentity(
  (plan: ListenerPlan, contributors: Contributors): EmittedResource => ({
    typeUrl: `type.googleapis.com/${ListenerSchema.typeName}`,
    name: plan.name,
    schema: ListenerSchema,
    message: listener(plan, contributors),
    origins: gatherOrigins(plan.origins, ...chainsOf(plan).flatMap(chainOrigins)),
  }),
);

function chainsOf({ chains, fallback }: ListenerPlan): readonly FilterChainPlan[] {
  return fallback === undefined ? chains : [...chains, fallback];
}

/** Of the chain, of the policies on it, and of the routes that it carries itself. */
function chainOrigins({ origins, policies, terminal }: FilterChainPlan): readonly (readonly Origin[])[] {
  const inline =
    terminal.type === "http" && terminal.routes.type === "inline" ? terminal.routes.table : undefined;
  const hosts = inline?.virtualHosts ?? [];
  return [
    origins,
    ...policies.map((policy) => policy.origins),
    ...hosts.flatMap((host) => [host.origins, ...host.routes.map((route) => route.origins)]),
  ];
}

function listener(plan: ListenerPlan, contributors: Contributors): Listener {
  return create(ListenerSchema, {
    name: plan.name,
    address: listenAddress(plan.address, plan.port),
    trafficDirection: plan.direction === "inbound" ? TrafficDirection.INBOUND : TrafficDirection.OUTBOUND,
    ...(!plan.bindToPort && { bindToPort: false }),
    ...(plan.handsOff && { useOriginalDst: true }),
    listenerFilters: listenerFilters(plan),
    ...detectionTimeout(plan),
    filterChains: plan.chains.map((chain) => filterChain(chain, plan.direction, contributors)),
    ...(plan.fallback !== undefined && {
      defaultFilterChain: filterChain(plan.fallback, plan.direction, contributors),
    }),
    accessLog: accessLogs(plan.accessLog),
  });
}

/** A client that stays silent for longer is taken for one whose server speaks first, and let through. */
function detectionTimeout({ detectTls, detectHttp, detectionTimeoutMs }: ListenerPlan) {
  if (!detectTls && !detectHttp) return {};
  return {
    listenerFiltersTimeout: durationFromMs(detectionTimeoutMs),
    continueOnListenerFiltersTimeout: true,
  };
}
