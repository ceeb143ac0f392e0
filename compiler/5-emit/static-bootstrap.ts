// Emitted resources → a bootstrap that Envoy can load by itself, with everything inline that it would get over xDS.

import { toJson } from "@bufbuild/protobuf";
import { fullRegistry } from "@envoyproxy/protos-ts/full-registry";
import type { EmittedResource } from "./resource.ts";

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

/** PEM texts. */
export interface StaticCredentials {
  /** What SDS would give the proxy as `default`, and for any secret that is not among the resources. */
  readonly certificate: string;
  readonly privateKey: string;
  /** The same for what peers are verified with. */
  readonly roots: string;
}

/**
 * Clusters and listeners as `static_resources`: EDS becomes an inline load assignment, RDS an inline route table, and
 * every secret a certificate, because stock Envoy crashes on static clusters with SDS over ADS. So do certificates that
 * policy names by their path on the proxy's disk. Meaning is kept but for that; a referenced route table or load
 * assignment that is not there becomes an empty one. Admin port 0: a free one.
 */
export function staticBootstrap(
  resources: readonly EmittedResource[],
  credentials: StaticCredentials,
  adminPort: number,
): string {
  const pour = new Pour(resources, credentials);
  return JSON.stringify(
    {
      node: { id: "static", cluster: "static" },
      admin: {
        address: { socketAddress: { address: "127.0.0.1", portValue: adminPort } },
      },
      staticResources: {
        clusters: pour.all("envoy.config.cluster.v3.Cluster").map((cluster) => pour.cluster(cluster)),
        listeners: pour.all("envoy.config.listener.v3.Listener").map((listener) => pour.value(listener)),
      },
    },
    undefined,
    2,
  );
}

class Pour {
  readonly #resources: readonly EmittedResource[];
  readonly #credentials: StaticCredentials;

  constructor(resources: readonly EmittedResource[], credentials: StaticCredentials) {
    this.#resources = resources;
    this.#credentials = credentials;
  }

  all(typeName: string): JsonObject[] {
    return this.#resources.filter(({ schema }) => schema.typeName === typeName).map(print);
  }

  cluster(cluster: JsonObject): Json {
    const { edsClusterConfig, ...rest } = cluster;
    if (edsClusterConfig === undefined) return this.value(cluster);
    const name = String(object(edsClusterConfig).serviceName);
    const assignment = this.#find("envoy.config.endpoint.v3.ClusterLoadAssignment", name);
    return this.value({ ...rest, type: "STATIC", loadAssignment: assignment ?? { clusterName: name } });
  }

  value(value: Json): Json {
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => this.#member(key, member)));
  }

  #member(key: string, value: Json): readonly (readonly [string, Json])[] {
    switch (key) {
      case "rds": {
        const name = String(object(value).routeConfigName);
        const table = this.#find("envoy.config.route.v3.RouteConfiguration", name);
        return [["routeConfig", this.value(table ?? { name })]];
      }
      case "tlsCertificateSdsSecretConfigs":
        return [["tlsCertificates", list(value).map((reference) => this.#certificate(reference))]];
      case "validationContextSdsSecretConfig":
        return [["validationContext", this.#roots(value)]];
      case "combinedValidationContext": {
        const { defaultValidationContext = {}, validationContextSdsSecretConfig = {} } = object(value);
        const roots = this.#roots(validationContextSdsSecretConfig);
        return [["validationContext", { ...object(defaultValidationContext), ...roots }]];
      }
      case "certificateChain":
        return [[key, this.#inlined(value, this.#credentials.certificate)]];
      case "privateKey":
        return [[key, this.#inlined(value, this.#credentials.privateKey)]];
      case "trustedCa":
        return [[key, this.#inlined(value, this.#credentials.roots)]];
      default:
        return [[key, this.value(value)]];
    }
  }

  /** This machine's disk has no certificate where the proxy's has one. */
  #inlined(source: Json, instead: string): Json {
    return "filename" in object(source) ? { inlineString: instead } : source;
  }

  #certificate(reference: Json): Json {
    const secret = this.#secret(reference)?.tlsCertificate;
    if (secret !== undefined) return secret;
    return {
      certificateChain: { inlineString: this.#credentials.certificate },
      privateKey: { inlineString: this.#credentials.privateKey },
    };
  }

  #roots(reference: Json): JsonObject {
    const secret = this.#secret(reference)?.validationContext;
    return secret === undefined ? { trustedCa: { inlineString: this.#credentials.roots } } : object(secret);
  }

  #secret(reference: Json): JsonObject | undefined {
    const name = String(object(reference).name);
    return this.#find("envoy.extensions.transport_sockets.tls.v3.Secret", name);
  }

  #find(typeName: string, name: string): JsonObject | undefined {
    const found = this.#resources.find((one) => one.schema.typeName === typeName && one.name === name);
    return found && print(found);
  }
}

function print(resource: EmittedResource): JsonObject {
  return object(toJson(resource.schema, resource.message, { registry: fullRegistry() }));
}

function object(value: Json): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError(`an object was expected, not ${JSON.stringify(value)}`);
  }
  return value as JsonObject;
}

function list(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new TypeError(`a list was expected, not ${JSON.stringify(value)}`);
  return value;
}
