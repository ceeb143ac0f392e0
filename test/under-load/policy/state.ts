// What the policy of the mesh under load says at a moment, as data: changes alter it, `objects.ts` writes it as YAML.

import { ratings, servicePorts } from "../mesh/addresses.ts";

export interface Subset {
  readonly name: string;
  /** `v1` or `v2`. */
  readonly version: string;
  /** Share of the requests; all together 100. */
  readonly weight: number;
}

export interface Policy {
  /** Of `reviews`; at least one. Their names change, their versions stay. */
  readonly subsets: readonly Subset[];
  /** Seconds; 0: none. */
  readonly timeout: number;
  readonly loadBalancer: "LEAST_REQUEST" | "ROUND_ROBIN" | "RANDOM";
  /** Workloads of `ratings`, by number. */
  readonly endpoints: ReadonlyMap<number, "ready" | "draining">;
  readonly targetPort: "http" | "otherHttp";
  /** A port of `ratings` that only the gateway's route uses. */
  readonly frontPort: number;
  /** Where requests for `ratings` are sent: there, or to a service of its own with the same endpoints. */
  readonly stage: string;
  readonly mtls: "PERMISSIVE" | "STRICT";
  /** Hosts that the gateway offers besides the two that always are. */
  readonly extraHosts: readonly string[];
  /** Index among the certificates at hand. */
  readonly certificate: number;
  /** Name of the Secret that holds it. */
  readonly credential: string;
  /** The file of each object, by the object's id. */
  readonly files: ReadonlyMap<string, string>;
}

/** The ids of all objects. */
export const objectIds = [
  "mesh-services",
  "slice",
  "rule",
  "routes",
  "gateway",
  "front-routes",
  "secret",
  "peers",
] as const;

export type ObjectId = (typeof objectIds)[number];

export const startPolicy: Policy = {
  subsets: [
    { name: "v1", version: "v1", weight: 50 },
    { name: "v2", version: "v2", weight: 50 },
  ],
  timeout: 0,
  loadBalancer: "LEAST_REQUEST",
  endpoints: new Map([
    [0, "ready"],
    [1, "ready"],
  ]),
  targetPort: "http",
  frontPort: servicePorts.http + 1,
  stage: "ratings",
  mtls: "PERMISSIVE",
  extraHosts: [],
  certificate: 0,
  credential: "front",
  files: new Map<ObjectId, string>([
    ["mesh-services", "services.yaml"],
    ["slice", "ratings.yaml"],
    ["rule", "reviews.yaml"],
    ["routes", "reviews.yaml"],
    ["gateway", "front.yaml"],
    ["front-routes", "front.yaml"],
    ["secret", "secret.yaml"],
    ["peers", "security.yaml"],
  ]),
};

/** Numbers that no workload of `ratings` has at present. */
export function unusedEndpoints({ endpoints }: Policy): readonly number[] {
  return Array.from({ length: ratings.most }, (_, index) => index).filter((index) => !endpoints.has(index));
}
