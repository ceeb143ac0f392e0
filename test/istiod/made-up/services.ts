// Services that are not there in every world, made up at random: headless ones, and other names for something else.

import fc from "fast-check";
import { type JsonObject, member } from "../json.ts";
import { oneOf, optional, record } from "./arbitraries.ts";

const port = (name: string, port: number): JsonObject => ({ name, port });

const headless = record({
  clusterIP: oneOf("None"),
  selector: optional(
    oneOf<JsonObject>({ app: "reviews" }, { app: "ratings" }, { app: "db" }, { app: "nobody" }),
    0,
  ),
  ports: oneOf<JsonObject[]>(
    [port("http", 9080)],
    [port("tcp", 5432)],
    [port("x", 7000)],
    [{ ...port("http", 80), targetPort: 8080 }, port("tcp", 9000)],
    [{ ...port("web", 9080), appProtocol: "http2" }],
    [port("tls", 443)],
  ),
  publishNotReadyAddresses: optional(oneOf(true), 5),
});

/** For somebody outside, for a service of the mesh, and for a host of ServiceEntries. */
const alias = record({
  type: oneOf("ExternalName"),
  externalName: oneOf(
    "elsewhere.example.org",
    "api.example.com",
    "reviews.default.svc.cluster.local",
    "db.default.svc.cluster.local",
  ),
  ports: optional(oneOf<JsonObject[]>([port("http", 80)], [port("http", 9080)], [port("tcp", 5432)]), 1),
});

const service = (name: string, annotations: JsonObject, spec: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default", annotations },
  spec,
});
const exportTo = record({
  "networking.istio.io/exportTo": optional(oneOf(".", "*", "other", "~", "default,other"), 4),
});

export const services = fc.uniqueArray(
  fc.oneof(
    fc.tuple(exportTo, headless).map((made) => service("headless", ...made)),
    // Without `exportTo`: istiod shows such names to everybody, and Fairlead does not (docs/differences.md).
    alias.map((spec) => service("alias", {}, spec)),
  ),
  { maxLength: 2, selector: ({ metadata }) => member(metadata, "name") },
);
