// A route table or virtual host of which a cluster is refused → what a client is given in its place: each host that would use
// such a cluster as it was when all was well, or else with a 500 where it would be used. Other hosts keep every byte.

import { create, fromBinary, type Message } from "@bufbuild/protobuf";
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
import { referencesOf } from "./references.ts";
import { encodeResource, type ServedResource } from "./resource.ts";
import { typeUrls } from "./resource-types.ts";

interface Made {
  readonly without: string;
  readonly lastGood: ServedResource | undefined;
  readonly standIn: ServedResource;
}

/** What was made last of a resource: many clients need the same. */
const made = new WeakMap<ServedResource, Made>();
/** Of each stand-in, the last good version that it was made with. */
const sources = new WeakMap<ServedResource, { readonly lastGood: ServedResource | undefined }>();

/**
 * `refused`: clusters, of which the resource uses some. `lastGood`: what the client has accepted under the name before, which may be
 * a stand-in itself.
 */
export function standInFor(
  resource: ServedResource,
  refused: readonly string[],
  lastGood: ServedResource | undefined,
): ServedResource {
  const source = lastGood && sources.get(lastGood);
  const good = source ? source.lastGood : lastGood;
  const without = refused.join(" ");
  const known = made.get(resource);
  if (known && known.without === without && known.lastGood === good) return known.standIn;
  const standIn =
    resource.typeUrl === typeUrls.virtualHosts
      ? hostStandIn(resource, new Set(refused), good)
      : tableStandIn(resource, new Set(refused), good);
  made.set(resource, { without, lastGood: good, standIn });
  if (standIn !== good) sources.set(standIn, { lastGood: good });
  return standIn;
}

function hostStandIn(
  resource: ServedResource,
  refused: ReadonlySet<string>,
  lastGood: ServedResource | undefined,
): ServedResource {
  const host = hostIn(resource);
  if (lastGood && serves(hostIn(lastGood), host, refused)) return lastGood;
  return encoded(resource, VirtualHostSchema, hostWithout(host, refused));
}

function tableStandIn(
  resource: ServedResource,
  refused: ReadonlySet<string>,
  lastGood: ServedResource | undefined,
): ServedResource {
  const table = tableIn(resource);
  const earlier = new Map(
    (lastGood ? tableIn(lastGood) : undefined)?.virtualHosts.map((host) => [host.name, host]),
  );
  const virtualHosts = table.virtualHosts.map((host) => {
    if (!usesAny(host, refused)) return host;
    const before = earlier.get(host.name);
    return before && serves(before, host, refused) ? before : hostWithout(host, refused);
  });
  const requestMirrorPolicies = table.requestMirrorPolicies.filter(({ cluster }) => !refused.has(cluster));
  return encoded(
    resource,
    RouteConfigurationSchema,
    create(RouteConfigurationSchema, { ...table, virtualHosts, requestMirrorPolicies }),
  );
}

function encoded(
  { typeUrl, name, origins }: ServedResource,
  schema: typeof VirtualHostSchema | typeof RouteConfigurationSchema,
  message: Message,
): ServedResource {
  return encodeResource({ typeUrl, name, schema, message, origins });
}

/** Under other domains it could meet another host of the table, which then has one of them. */
function serves(before: VirtualHost, now: VirtualHost, refused: ReadonlySet<string>): boolean {
  const domains = new Set(before.domains);
  const isSame = domains.size === now.domains.length && now.domains.every((domain) => domains.has(domain));
  return isSame && !usesAny(before, refused);
}

function usesAny(host: VirtualHost, refused: ReadonlySet<string>): boolean {
  return referencesOf(typeUrls.virtualHosts, host).clusters.some((cluster) => refused.has(cluster));
}

function hostWithout(host: VirtualHost, refused: ReadonlySet<string>): VirtualHost {
  const isLeft = ({ cluster }: { readonly cluster: string }) => !refused.has(cluster);
  const routes = host.routes.map((route) => {
    if (route.action.case !== "route") return route;
    const requestMirrorPolicies = route.action.value.requestMirrorPolicies.filter(isLeft);
    const value = { ...route.action.value, requestMirrorPolicies };
    const mended = create(RouteSchema, { ...route, action: { case: "route", value } });
    const rest = create(VirtualHostSchema, { routes: [mended] });
    return usesAny(rest, refused) ? refusing(route) : mended;
  });
  const requestMirrorPolicies = host.requestMirrorPolicies.filter(isLeft);
  return create(VirtualHostSchema, { ...host, routes, requestMirrorPolicies });
}

function refusing({ name, match }: Route): Route {
  return create(RouteSchema, {
    name,
    ...(match && { match }),
    action: { case: "directResponse", value: { status: 500 } },
  });
}

function hostIn({ body }: ServedResource): VirtualHost {
  return fromBinary(VirtualHostSchema, body);
}

function tableIn({ body }: ServedResource): RouteConfiguration {
  return fromBinary(RouteConfigurationSchema, body);
}
