// Lets the upstream TLS connection offer the protocol that the request came in, so that the other side can tell HTTP
// from plain TCP before it reads a byte. Stock Envoy's stand-in for a filter that only Istio's proxy has.

import { create } from "@bufbuild/protobuf";
import { DataSourceSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { SubstitutionFormatStringSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/substitution_format_string";
import {
  FilterStateValueSchema,
  FilterStateValue_SharedWithUpstream as SharedWithUpstream,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/common/set_filter_state/v3/value";
import { ConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state";
import { packAny } from "../envoy-any.ts";

/**
 * First the name that only a mesh's server chain asks for, then `istio` for one that does not know the protocols, then
 * the standard name for servers outside the mesh.
 */
const http1 = "istio-http/1.1,istio,http/1.1";
const http2 = "istio-h2,istio,h2";

/** What a route, or one destination of it, tells `envoy.filters.http.set_filter_state`. */
export const upstreamAlpn = packAny(
  ConfigSchema,
  create(ConfigSchema, {
    onRequestHeaders: [
      create(FilterStateValueSchema, {
        key: { case: "objectKey", value: "envoy.network.application_protocols" },
        value: {
          case: "formatString",
          value: create(SubstitutionFormatStringSchema, {
            format: {
              case: "textFormatSource",
              value: create(DataSourceSchema, {
                specifier: {
                  case: "inlineString",
                  value: `%CEL(request.protocol == "HTTP/2" ? "${http2}" : "${http1}")%`,
                },
              }),
            },
          }),
        },
        sharedWithUpstream: SharedWithUpstream.ONCE,
      }),
    ],
  }),
);
