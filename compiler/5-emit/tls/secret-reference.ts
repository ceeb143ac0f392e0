// How TLS contexts name the secrets that they take over the proxy's ADS stream.

import { create } from "@bufbuild/protobuf";
import {
  type SdsSecretConfig,
  SdsSecretConfigSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { adsSource } from "../ads-source.ts";

/** Reference to a secret by its SDS name: always the same bytes for the same name, or Envoy loses the secret. */
export function secretReference(name: string): SdsSecretConfig {
  return create(SdsSecretConfigSchema, { name, sdsConfig: adsSource });
}
