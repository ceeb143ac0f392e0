// The client status service as others know it: a client made of the published definition, which is not ours.

import { join } from "node:path";
import { type Client, credentials, loadPackageDefinition, type ServiceError } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** `ClientConfig.GenericXdsConfig`, as far as tests look at it. Enums are their names. */
export interface GenericConfig {
  readonly type_url: string;
  readonly name: string;
  readonly version_info: string;
  readonly xds_config: { readonly type_url: string; readonly value: Buffer } | null;
  readonly config_status: string;
  readonly client_status: string;
  readonly error_state: {
    readonly details: string;
    readonly version_info: string;
    readonly last_update_attempt: { readonly seconds: string } | null;
  } | null;
}

export interface StatusResponse {
  readonly config: readonly {
    readonly node: { readonly id: string; readonly user_agent_name: string };
    readonly generic_xds_configs: readonly GenericConfig[];
  }[];
}

interface StatusStream {
  write(request: object): void;
  end(): void;
  on(event: "data", listener: (response: StatusResponse) => void): this;
  on(event: "end", listener: () => void): this;
  on(event: "error", listener: (error: ServiceError) => void): this;
}

export interface StatusClient extends Client {
  fetchClientStatus(
    request: object,
    done: (error: ServiceError | null, response: StatusResponse) => void,
  ): unknown;
  streamClientStatus(): StatusStream;
}

const deps = join(import.meta.dirname, "../../node_modules/@grpc/grpc-js-xds/deps");

/** A client for one port. The caller closes it. */
export function connectStatusClient(address: string, security = credentials.createInsecure()): StatusClient {
  const definition = loadSync("envoy/service/status/v3/csds.proto", {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
    includeDirs: ["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => join(deps, name)),
  });
  const { envoy } = loadPackageDefinition(definition) as unknown as {
    readonly envoy: {
      readonly service: {
        readonly status: {
          readonly v3: {
            readonly ClientStatusDiscoveryService: new (
              address: string,
              security: ReturnType<typeof credentials.createInsecure>,
              options: object,
            ) => StatusClient;
          };
        };
      };
    };
  };
  const options = { "grpc.ssl_target_name_override": "localhost" };
  return new envoy.service.status.v3.ClientStatusDiscoveryService(address, security, options);
}
