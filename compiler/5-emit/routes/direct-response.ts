// Answers a request from the proxy itself: our DirectResponse as Envoy's DirectResponseAction.

import { create } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { type DataSource, DataSourceSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import {
  type DirectResponseAction,
  DirectResponseActionSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { DirectResponse } from "../../model/routes.ts";

export function directResponseAction(response: DirectResponse): DirectResponseAction {
  return create(DirectResponseActionSchema, {
    status: response.status,
    ...(response.body !== undefined && { body: dataSource(response.body) }),
  });
}

/** In bytes; a table with a body over 4096 has to raise Envoy's limit. */
export function bodySize({ body }: DirectResponse): number {
  if (body === undefined) return 0;
  return body.type === "string"
    ? new TextEncoder().encode(body.value).length
    : base64Decode(body.base64).length;
}

type Body = NonNullable<DirectResponse["body"]>;

function dataSource(body: Body): DataSource {
  return create(DataSourceSchema, {
    specifier:
      body.type === "string"
        ? { case: "inlineString", value: body.value }
        : { case: "inlineBytes", value: base64Decode(body.base64) },
  });
}
