// How every emitted resource refers to another one: over the proxy's own ADS stream. Never says which server that is.

import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { ApiVersion, ConfigSourceSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/config_source";
import {
  type SdsSecretConfig,
  SdsSecretConfigSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";

/**
 * ADS, waiting for the first answer for ever. One constant for everything that is referred to: when the bytes of a
 * reference change while the resource stays, Envoy makes a new subscription that may never be answered (envoy#47309).
 */
export const adsSource = create(ConfigSourceSchema, {
  configSourceSpecifier: { case: "ads", value: {} },
  initialFetchTimeout: create(DurationSchema),
  resourceApiVersion: ApiVersion.V3,
});

/** Reference to a secret by its SDS name: always the same bytes for the same name. */
export function secretReference(name: string): SdsSecretConfig {
  return create(SdsSecretConfigSchema, { name, sdsConfig: adsSource });
}
