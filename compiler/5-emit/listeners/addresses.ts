// Addresses of listeners and of the connections that a chain takes, as Envoy writes them.

import { create } from "@bufbuild/protobuf";
import {
  type Address,
  AddressSchema,
  type CidrRange,
  CidrRangeSchema,
  PipeSchema,
  SocketAddressSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/address";

const unixScheme = "unix://";

/** An IP address and port, or `unix://path`, which has no port. */
export function listenAddress(address: string, port: number): Address {
  return create(AddressSchema, {
    address: address.startsWith(unixScheme)
      ? { case: "pipe", value: create(PipeSchema, { path: address.slice(unixScheme.length) }) }
      : {
          case: "socketAddress",
          value: create(SocketAddressSchema, { address, portSpecifier: { case: "portValue", value: port } }),
        },
  });
}

/** `10.0.0.0/8`, or one address, which is a range of its own. */
export function cidrRange(cidr: string): CidrRange {
  const [address = "", length] = cidr.split("/");
  const whole = address.includes(":") ? 128 : 32;
  return create(CidrRangeSchema, {
    addressPrefix: address,
    prefixLen: length === undefined ? whole : Number(length),
  });
}
