// A route table in which something is wrong → the same table without what is wrong: other hosts keep every byte.

import { clone, create, type Message } from "@bufbuild/protobuf";
import {
  type RouteConfiguration,
  RouteConfigurationSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import {
  type Route,
  RouteSchema,
  type VirtualHost,
  VirtualHostSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { FieldPath, Violation } from "../invariants/index.ts";

/** The same for a virtual host that is a resource of its own. */
export function isolateHost(
  message: Message,
  violations: readonly Violation[],
  lastGood: Message | undefined,
): VirtualHost | undefined {
  if (!isHost(message)) return undefined;
  return lastGood && isHost(lastGood)
    ? lastGood
    : withoutBadRoutes(
        message,
        violations.map(({ path }) => path),
      );
}

function isHost(message: Message): message is VirtualHost {
  return message.$typeName === VirtualHostSchema.typeName;
}

/**
 * Replaces each virtual host with a violation: by the one of its name in `lastGood`, else by itself with a 500 response
 * in place of each bad route. A route that must not be skipped, because its match is what is bad, turns its whole host
 * into 500s. Undefined: not a route table, or what is wrong is not inside its virtual hosts.
 */
export function isolateVirtualHosts(
  message: Message,
  violations: readonly Violation[],
  lastGood: Message | undefined,
): RouteConfiguration | undefined {
  if (!isRouteTable(message)) return undefined;
  const byHost = new Map<number, Violation[]>();
  for (const violation of violations) {
    const [field, index] = violation.path;
    if (field !== "virtual_hosts" || typeof index !== "number") return undefined;
    const list = byHost.get(index);
    if (list) list.push(violation);
    else byHost.set(index, [violation]);
  }
  const earlier = lastGood && isRouteTable(lastGood) ? lastGood.virtualHosts : [];
  const virtualHosts = message.virtualHosts.map((host, index) => {
    const found = byHost.get(index);
    if (!found) return host;
    return (
      earlier.find(({ name }) => name === host.name) ??
      withoutBadRoutes(
        host,
        found.map(({ path: [, , ...path] }) => path),
      )
    );
  });
  return create(RouteConfigurationSchema, { ...message, virtualHosts });
}

function isRouteTable(message: Message): message is RouteConfiguration {
  return message.$typeName === RouteConfigurationSchema.typeName;
}

/** `paths` are those of what is wrong, within the host. */
function withoutBadRoutes(host: VirtualHost, paths: readonly FieldPath[]): VirtualHost {
  const bad = new Set<number>();
  for (const [field, index, part] of paths) {
    if (field !== "routes" || typeof index !== "number" || part === "match") return closed(host);
    bad.add(index);
  }
  const copy = clone(VirtualHostSchema, host);
  copy.routes = copy.routes.map((route, index) => (bad.has(index) ? refusing(route) : route));
  return copy;
}

/** Every request to the host: 500. Its own settings may be what is bad, so that only its name and domains stay. */
const closed = memoizeByIdentity(
  (host: VirtualHost): VirtualHost =>
    create(VirtualHostSchema, {
      name: host.name,
      domains: host.domains,
      routes: [
        create(RouteSchema, {
          name: "refused",
          match: { pathSpecifier: { case: "prefix", value: "/" } },
          action: { case: "directResponse", value: { status: 500 } },
        }),
      ],
    }),
);

function refusing(route: Route): Route {
  return create(RouteSchema, {
    name: route.name,
    ...(route.match ? { match: route.match } : {}),
    action: { case: "directResponse", value: { status: 500 } },
  });
}
