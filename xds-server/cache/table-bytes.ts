// A route table in, its bytes out. Virtual hosts are most of a table and few of them change, so each is encoded once, by
// the identity of its message, and tables are put together from them.

import type { Message } from "@bufbuild/protobuf";
import {
  type RouteConfiguration,
  RouteConfigurationSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import {
  type VirtualHost,
  VirtualHostSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { canonicalBinary } from "./canonical.ts";
import { concatenate, field } from "./wire.ts";

/** The same bytes as `canonicalBinary`: fields in order of number, of which the name is the first and the hosts follow. */
export function tableBytes(table: RouteConfiguration): Uint8Array {
  const withoutHosts: Message = Object.assign(Object.create(Object.getPrototypeOf(table)), table, {
    virtualHosts: [],
  });
  const around = canonicalBinary(RouteConfigurationSchema, withoutHosts);
  const nameLength = table.name === "" ? 0 : concatenate([field(1, table.name)]).byteLength;
  return concatenate([
    around.subarray(0, nameLength),
    ...table.virtualHosts.map(hostField),
    around.subarray(nameLength),
  ]);
}

const encoded = new WeakMap<VirtualHost, Uint8Array>();

/** The host as it stands in a table, tag and length included. */
function hostField(host: VirtualHost): Uint8Array {
  const known = encoded.get(host);
  if (known) return known;
  const made = concatenate([field(2, canonicalBinary(VirtualHostSchema, host))]);
  encoded.set(host, made);
  return made;
}
