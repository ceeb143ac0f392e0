import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DeltaDiscoveryRequestSchema } from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import test from "ava";
import fc from "fast-check";
import { splitRequest } from "./initial-versions.ts";

const requests = fc.record({
  typeUrl: fc.string(),
  responseNonce: fc.string(),
  resourceNamesSubscribe: fc.array(fc.string({ unit: "grapheme" })),
  initialResourceVersions: fc.dictionary(
    fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__"),
    fc.string(),
    { noNullPrototype: true },
  ),
  errorDetail: fc.option(fc.record({ code: fc.nat(20), message: fc.string() }), { nil: undefined }),
  node: fc.option(fc.record({ id: fc.string() }), { nil: undefined }),
});

test("the versions and the rest are what decoding the whole gives", (t) => {
  fc.assert(
    fc.property(requests, ({ errorDetail, node, ...request }) => {
      const message = create(DeltaDiscoveryRequestSchema, {
        ...request,
        ...(errorDetail && { errorDetail }),
        ...(node && { node }),
      });
      const { initialVersions, rest } = splitRequest(toBinary(DeltaDiscoveryRequestSchema, message));
      t.deepEqual(Object.fromEntries(initialVersions), { ...message.initialResourceVersions });
      const { initialResourceVersions: _, ...others } = message;
      const { initialResourceVersions: none, ...decoded } = fromBinary(DeltaDiscoveryRequestSchema, rest);
      t.deepEqual(decoded, others);
      t.deepEqual({ ...none }, {});
    }),
    { numRuns: 300 },
  );
});

test("bytes that are cut off are malformed", (t) => {
  const message = create(DeltaDiscoveryRequestSchema, { initialResourceVersions: { a: "1" } });
  const bytes = toBinary(DeltaDiscoveryRequestSchema, message);
  t.throws(() => splitRequest(bytes.subarray(0, bytes.length - 1)));
  t.throws(() => splitRequest(Uint8Array.of(0x2a, 0xff, 0xff)));
});
