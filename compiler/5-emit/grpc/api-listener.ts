// TargetPlan → the Listener that gRPC asks for under the name it calls: no socket, only where the routes are.

import { create } from "@bufbuild/protobuf";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { HTTPFaultSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/fault/v3/fault";
import { RouterSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/router/v3/router";
import {
  type HttpFilter,
  HttpFilterSchema,
  HttpConnectionManagerSchema as ManagerSchema,
  RdsSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import type { TargetPlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { adsSource } from "../ads-source.ts";
import { packAny } from "../envoy-any.ts";
import type { FilterName } from "../filter-order.ts";
import type { EmittedResource } from "../resource.ts";

/** One Listener under the target's name. */
export const emitApiListener = memoizeByIdentity(
  ({ name, routeTable, origins }: TargetPlan): EmittedResource => {
    const message = create(ListenerSchema, { name, apiListener: { apiListener: managerFor(routeTable) } });
    const typeUrl = `type.googleapis.com/${ListenerSchema.typeName}`;
    return { typeUrl, name, schema: ListenerSchema, message, origins };
  },
);

/** All names of one host share it. */
const managerFor = memoizeByIdentity((routeTable: string) =>
  packAny(
    ManagerSchema,
    create(ManagerSchema, {
      statPrefix: routeTable,
      routeSpecifier: {
        case: "rds",
        value: create(RdsSchema, { configSource: adsSource, routeConfigName: routeTable }),
      },
      httpFilters: [fault, router],
    }),
  ),
);

const faultFilter: FilterName = "envoy.filters.http.fault";

/** Does nothing but where a route says so. */
const fault = filter(faultFilter, packAny(HTTPFaultSchema, create(HTTPFaultSchema)));
const router = filter("envoy.filters.http.router", packAny(RouterSchema, create(RouterSchema)));

function filter(name: FilterName, value: ReturnType<typeof packAny>): HttpFilter {
  return create(HttpFilterSchema, { name, configType: { case: "typedConfig", value } });
}
