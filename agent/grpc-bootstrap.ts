// The bootstrap of an application whose gRPC library speaks xDS itself: who it is and where its configuration comes from, in
// the form that gRPC reads from GRPC_XDS_BOOTSTRAP. Pure. Plain text only: gRPC's xDS clients have no way to send a token.

import type { JsonObject } from "@bufbuild/protobuf";
import { type BootstrapOptions, buildNode } from "./bootstrap.ts";

export type GrpcBootstrapOptions = Omit<BootstrapOptions, "type" | "security" | "admin" | "interceptionMode">;

/** JSON as in gRFC A27. */
export function buildGrpcBootstrap(options: GrpcBootstrapOptions): JsonObject {
  const { host, port } = options.xds;
  const node = buildNode({ ...options, type: "sidecar" });
  return {
    xds_servers: [
      {
        server_uri: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
        channel_creds: [{ type: "insecure" }],
        server_features: ["xds_v3"],
      },
    ],
    // Libraries want a locality, be it an empty one.
    node: { locality: {}, ...node, metadata: { ...(node.metadata as JsonObject), GENERATOR: "grpc" } },
  };
}
