// The one ConfigSource that everything fetched over the proxy's ADS stream refers to.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  AggregatedConfigSourceSchema,
  ApiVersion,
  type ConfigSource,
  ConfigSourceSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/config_source";
import { share } from "#encoding";

/**
 * Never build another: Envoy keys its secret and route providers by these bytes, and a provider made anew never gets
 * the secret that the old one has (envoy#47309). A timeout of 0 means to wait for the resource rather than to go live
 * without it.
 */
export const adsSource: ConfigSource = share(
  create(ConfigSourceSchema, {
    configSourceSpecifier: { case: "ads", value: create(AggregatedConfigSourceSchema) },
    resourceApiVersion: ApiVersion.V3,
    initialFetchTimeout: durationFromMs(0),
  }),
);
