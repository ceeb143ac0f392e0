// A route table in parts, for proxies that discover virtual hosts (VHDS): the table without its hosts, and each host as a
// resource of its own, so that a changed route costs its host and not the table. Decides nothing that the plan has not.

import { create } from "@bufbuild/protobuf";
import { RouteConfigurationSchema, VhdsSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import {
  type VirtualHost,
  VirtualHostSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { mapItems } from "#immutable";
import type { RouteTablePlan, VirtualHostPlan } from "../../4-view/plan/routes.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { adsSource } from "../ads-source.ts";
import { gatherOrigins } from "../gather-origins.ts";
import type { EmittedResource } from "../resource.ts";
import { virtualHost } from "./route-table.ts";

/** The largest body that a VirtualService may have: the table must not change when one of its hosts gets a larger one. */
const directResponseLimit = 1024 * 1024;

/** The table without hosts. The same whatever hosts it has. */
export function emitTableShell({ name, ignorePortInHost }: RouteTablePlan): EmittedResource {
  return shell(name, ignorePortInHost);
}

const shell = memoizeByIdentity(
  (name: string, ignorePortInHost: boolean): EmittedResource => ({
    typeUrl: `type.googleapis.com/${RouteConfigurationSchema.typeName}`,
    name,
    schema: RouteConfigurationSchema,
    message: create(RouteConfigurationSchema, {
      name,
      vhds: create(VhdsSchema, { configSource: adsSource }),
      ignorePortInHostMatching: ignorePortInHost,
      validateClusters: false,
      maxDirectResponseBodySizeBytes: directResponseLimit,
    }),
    origins: [],
  }),
);

/**
 * The hosts of a table, named `<table>/<host>`. Envoy keeps a listener waiting until the first of them came, and takes an
 * answer without any for none: a table without hosts has one that routes nothing, which comes to the same 404.
 */
export function emitHosts({ name, virtualHosts }: RouteTablePlan): readonly EmittedResource[] {
  return hostsOf(name)(virtualHosts.length > 0 ? virtualHosts : noHosts);
}

const hostsOf = memoizeByIdentity((table: string) =>
  mapItems((host: VirtualHostPlan) => emitHost(host, table)),
);

const nowhere: VirtualHostPlan = {
  name: "nowhere",
  domains: ["*"],
  routes: [],
  requireTls: false,
  includeAttemptCount: false,
  origins: [],
};

const noHosts: readonly VirtualHostPlan[] = [nowhere];

const emitHost = memoizeByIdentity(
  (host: VirtualHostPlan, table: string): EmittedResource => ({
    typeUrl: `type.googleapis.com/${VirtualHostSchema.typeName}`,
    name: `${table}/${host.name}`,
    schema: VirtualHostSchema,
    message: named(virtualHost(host), `${table}/${host.name}`),
    origins: gatherOrigins(host.origins, ...host.routes.map(({ origins }) => origins)),
  }),
);

/** Envoy finds the host that is withdrawn by this name, not by that of the resource. */
function named(host: VirtualHost, name: string): VirtualHost {
  return Object.assign(Object.create(Object.getPrototypeOf(host)), host, { name });
}
