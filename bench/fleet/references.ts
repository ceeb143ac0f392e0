// What a resource makes an Envoy subscribe to. Read once per resource, however many clients get it.

import type { FrameResource } from "./delta-frames.ts";
import { contentsAt } from "./wire.ts";

/** Remembers what was read of a resource, which is one object for all clients. */
function once<T>(read: (resource: FrameResource) => T): (resource: FrameResource) => T {
  const known = new WeakMap<FrameResource, { readonly read: T }>();
  return (resource) => {
    const seen = known.get(resource);
    if (seen) return seen.read;
    const made = { read: read(resource) };
    known.set(resource, made);
    return made.read;
  };
}

/** The load assignment that a cluster asks for: its `eds_cluster_config.service_name`, else its own name. */
export const endpointsOf = once(({ name, body }): readonly string[] => {
  const [config] = contentsAt(body, [3]);
  if (!config) return [];
  const [serviceName] = contentsAt(config, [2]);
  return [serviceName?.toString() || name];
});

/** The route tables that a listener asks for: `filters[].typed_config`, there `rds.route_config_name`, in each chain. */
export const routesOf = once(({ body }): readonly string[] => {
  const chains = [...contentsAt(body, [3]), ...contentsAt(body, [25])];
  const filters = chains.flatMap((chain) => contentsAt(chain, [3, 4]));
  const managers = filters.filter((any) =>
    contentsAt(any, [1]).some((typeUrl) => typeUrl.toString().endsWith(".HttpConnectionManager")),
  );
  const names = managers.flatMap((any) => contentsAt(any, [2, 3, 2]).map(String));
  return [...new Set(names)];
});

/** Whether a route table has its virtual hosts as resources of their own (`vhds`). */
export const hasVhds = once(({ body }): boolean => contentsAt(body, [9]).length > 0);
