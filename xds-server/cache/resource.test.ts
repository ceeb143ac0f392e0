import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { DeltaDiscoveryResponseSchema } from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import test from "ava";
import fc from "fast-check";
import { emptyLoadAssignment, encodeResource, isAnyConfidential } from "./resource.ts";
import { typeUrls } from "./resource-types.ts";
import { concatenate, field } from "./wire.ts";

const emit = (name: string) => ({
  typeUrl: typeUrls.cluster,
  name,
  schema: ClusterSchema,
  message: create(ClusterSchema, { name, altStatName: "x".repeat(name.length * 50) }),
  origins: [],
});

test("a message is encoded once, whoever asks", (t) => {
  const emitted = emit("a");
  t.is(encodeResource(emitted), encodeResource({ ...emitted }));
});

test("new origins of the same message keep its bytes and its version", (t) => {
  const emitted = emit("a");
  const before = encodeResource(emitted);
  const origins = [
    { kind: "Service", namespace: "n", name: "a", position: { file: "a.yaml", line: 2, column: 1 } },
  ];
  const after = encodeResource({ ...emitted, origins });
  t.is(after.wire, before.wire);
  t.is(after.version, before.version);
  t.is(after.origins, origins);
});

test("the hand-written framing is what protobuf reads", (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 400, unit: "grapheme" }), { maxLength: 5 }), (names) => {
      const resources = names.map((name) => encodeResource(emit(name)));
      const response = fromBinary(
        DeltaDiscoveryResponseSchema,
        concatenate(resources.map(({ wire }) => wire)),
      );
      t.deepEqual(
        response.resources.map(({ name, version }) => ({ name, version })),
        resources.map(({ name, version }) => ({ name, version })),
      );
      for (const [index, { resource }] of response.resources.entries()) {
        t.is(resource?.typeUrl, typeUrls.cluster);
        t.deepEqual(resource?.value, Uint8Array.from(resources[index]?.body ?? []));
      }
    }),
    { numRuns: 200 },
  );
});

test("long contents have long lengths", (t) => {
  for (const length of [0, 1, 127, 128, 16_383, 16_384, 2_097_152]) {
    const bytes = concatenate([field(4, "x".repeat(length))]);
    t.is(fromBinary(DeltaDiscoveryResponseSchema, bytes).typeUrl.length, length);
  }
});

test("an EDS cluster refers to its endpoints, by its service name or its own", (t) => {
  const cluster = (serviceName: string) =>
    encodeResource({
      ...emit("a"),
      message: create(ClusterSchema, {
        name: "a",
        clusterDiscoveryType: { case: "type", value: 3 },
        edsClusterConfig: { serviceName },
      }),
    });
  t.is(cluster("").references.endpoints, "a");
  t.is(cluster("b").references.endpoints, "b");
  t.is(encodeResource(emit("a")).references.endpoints, undefined);
});

test("a route table refers to every cluster it can send to, each once, in order", (t) => {
  const message = create(RouteConfigurationSchema, {
    name: "r",
    requestMirrorPolicies: [{ cluster: "mirror-of-table" }],
    virtualHosts: [
      {
        name: "v",
        requestMirrorPolicies: [{ cluster: "mirror-of-host" }],
        routes: [
          { action: { case: "route", value: { clusterSpecifier: { case: "cluster", value: "plain" } } } },
          {
            action: {
              case: "route",
              value: {
                clusterSpecifier: {
                  case: "weightedClusters",
                  value: { clusters: [{ name: "weighted" }, { name: "plain" }] },
                },
                requestMirrorPolicies: [{ cluster: "mirror-of-route" }],
              },
            },
          },
          { action: { case: "redirect", value: {} } },
        ],
      },
    ],
  });
  const { references } = encodeResource({
    typeUrl: typeUrls.routes,
    name: "r",
    schema: RouteConfigurationSchema,
    message,
    origins: [],
  });
  t.deepEqual(references.clusters, [
    "mirror-of-host",
    "mirror-of-route",
    "mirror-of-table",
    "plain",
    "weighted",
  ]);
});

test("every secret but a trust bundle is confidential", (t) => {
  const kinds = ["tlsCertificate", "sessionTicketKeys", "genericSecret", "validationContext"] as const;
  const confidential = kinds.map((kind) => {
    const message = create(SecretSchema, { name: kind, type: { case: kind, value: {} } as never });
    return encodeResource({
      typeUrl: typeUrls.secret,
      name: kind,
      schema: SecretSchema,
      message,
      origins: [],
    }).confidential;
  });
  t.deepEqual(confidential, [true, true, true, false]);
  const nothing = create(SecretSchema, { name: "empty" });
  t.true(
    encodeResource({
      typeUrl: typeUrls.secret,
      name: "empty",
      schema: SecretSchema,
      message: nothing,
      origins: [],
    }).confidential,
  );
});

test("the empty load assignment is for its cluster and has one version everywhere", (t) => {
  t.is(emptyLoadAssignment("a").version, emptyLoadAssignment("a").version);
  t.not(emptyLoadAssignment("a").version, emptyLoadAssignment("b").version);
  t.true(toBinary(ClusterSchema, create(ClusterSchema)).byteLength === 0);
});

test("one secret among many resources is noticed, however often one asks", (t) => {
  const key = encodeResource({
    typeUrl: typeUrls.secret,
    name: "key",
    schema: SecretSchema,
    message: create(SecretSchema, { name: "key", type: { case: "tlsCertificate", value: {} } }),
    origins: [],
  });
  for (const count of [0, 3, 200]) {
    const others = Array.from({ length: count }, (_, index) => encodeResource(emit(`c${index}`)));
    const withKey = [...others, key];
    for (let times = 0; times < 2; times++) {
      t.false(isAnyConfidential(others));
      t.true(isAnyConfidential(withKey));
    }
  }
});
