import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DeltaDiscoveryRequestSchema } from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import test from "ava";
import fc from "fast-check";
import { contentVersion, joinedVersion } from "../cache/hash.ts";
import { readDeltaRequest } from "./delta-request.ts";

const text = fc.string({ unit: "grapheme", maxLength: 300 });
const requests = fc.record({
  typeUrl: text,
  responseNonce: text,
  resourceNamesSubscribe: fc.array(text),
  resourceNamesUnsubscribe: fc.array(text),
  initialResourceVersions: fc.dictionary(
    text.filter((name) => name !== "__proto__"),
    text,
    { noNullPrototype: true },
  ),
  errorDetail: fc.option(fc.record({ code: fc.nat(20), message: text }), { nil: undefined }),
  node: fc.option(fc.record({ id: text, cluster: text }), { nil: undefined }),
  // Fairlead has no use for it, and has to find its way past it.
  resourceLocatorsSubscribe: fc.array(fc.record({ name: text })),
});

const encode = ({
  errorDetail,
  node,
  ...request
}: Partial<typeof requests extends fc.Arbitrary<infer R> ? R : never>) =>
  toBinary(
    DeltaDiscoveryRequestSchema,
    create(DeltaDiscoveryRequestSchema, {
      ...request,
      ...(errorDetail && { errorDetail }),
      ...(node && { node }),
    }),
  );

/** Maps of protobuf have no order, and an object puts `1` first, whenever it came. */
const inOrder = (versions: Iterable<[string, string]>) =>
  new Map([...versions].sort(([a], [b]) => (a < b ? -1 : 1)));

/** With versions as a map, in which the last of a name counts. */
const read = (bytes: Uint8Array) => {
  const { request, ...node } = readDeltaRequest(bytes);
  const initialVersions = new Map<string, string>();
  request.initialVersions.forEach((version, name) => void initialVersions.set(name, version));
  for (const name of initialVersions.keys()) {
    if (!request.initialVersions.has(name)) throw new Error(`${name} is listed and is not there`);
  }
  return { request: { ...request, initialVersions: inOrder(initialVersions) }, ...node };
};

/** What protobuf makes of it. */
const expected = (bytes: Uint8Array) => {
  const message = fromBinary(DeltaDiscoveryRequestSchema, bytes);
  const { typeUrl, responseNonce, errorDetail } = message;
  return {
    request: {
      typeUrl,
      nonce: responseNonce,
      subscribe: message.resourceNamesSubscribe,
      unsubscribe: message.resourceNamesUnsubscribe,
      initialVersions: inOrder(Object.entries(message.initialResourceVersions)),
      ...(errorDetail && { error: { code: errorDetail.code, message: errorDetail.message } }),
    },
    ...(message.node && { node: message.node }),
  };
};

test("reads what protobuf reads", (t) => {
  fc.assert(
    fc.property(requests, (request) => {
      const bytes = encode(request);
      t.deepEqual(read(bytes), expected(bytes));
    }),
    { numRuns: 300 },
  );
});

/** So many names that they are worth knowing again. */
const manyNames = (count: number, like: string) =>
  Array.from({ length: count }, (_, index) => `outbound|8080||${like}-${index}.default.svc.cluster.local`);

test("who asks for the same names as another gets the very same list", (t) => {
  const names = manyNames(200, "same");
  const ask = (resourceNamesSubscribe: string[], more: object = {}) =>
    readDeltaRequest(encode({ resourceNamesSubscribe, ...more })).request.subscribe;
  const first = ask(names);
  t.deepEqual(first, names);
  t.is(ask([...names], { typeUrl: "another", responseNonce: "7" }), first);
  t.deepEqual(ask([...names, "one more"]), [...names, "one more"]);
  t.deepEqual(ask(names.slice(0, 150)), names.slice(0, 150));
  t.deepEqual(ask(names.with(199, "another")), names.with(199, "another"));
  t.is(ask(names), first);
  const few = names.slice(0, 3);
  t.not(ask(few), ask(few));
});

test("reads what protobuf reads, of many names that were met before, in pieces and with more around them", (t) => {
  const runs = fc.constantFrom(manyNames(150, "a"), manyNames(151, "a"), manyNames(150, "b"), ["x"], []);
  const part = fc.record({ before: text, runs: fc.array(runs, { maxLength: 3 }), after: text });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const bytes = Buffer.concat(
        parts.flatMap(({ before, runs, after }) => [
          encode({ typeUrl: before }),
          ...runs.map((names) => encode({ resourceNamesSubscribe: names })),
          encode({ responseNonce: after, resourceNamesUnsubscribe: [before] }),
        ]),
      );
      t.deepEqual(read(bytes), expected(bytes));
    }),
    { numRuns: 200 },
  );
});

test("a request of names that stand far apart does not keep the server from everybody else", (t) => {
  const pieces = Array.from({ length: 100_000 }, (_, index) => [
    encode({ resourceNamesSubscribe: [`n${index}`] }),
    encode({ responseNonce: "1" }),
  ]);
  const bytes = Buffer.concat(pieces.flat());
  const before = performance.now();
  const { subscribe } = readDeltaRequest(bytes).request;
  // It takes some 50 ms; 40 s where each run copied those before it.
  t.true(performance.now() - before < 10_000);
  t.is(subscribe.length, 100_000);
  t.is(subscribe.at(-1), "n99999");
});

test("a message in two parts is one, as protobuf has it", (t) => {
  fc.assert(
    fc.property(requests, requests, (first, second) => {
      const bytes = Buffer.concat([encode(first), encode(second)]);
      t.deepEqual(read(bytes), expected(bytes));
    }),
    { numRuns: 100 },
  );
});

test("names that look like numbers are read like others", (t) => {
  const [first, second] = [
    { b: "1", "7": "1" },
    { "1": "2", b: "2" },
  ];
  const bytes = Buffer.concat([first, second].map((each) => encode({ initialResourceVersions: each })));
  t.deepEqual(read(bytes), expected(bytes));
});

test("bytes that are cut off inside a field are malformed", (t) => {
  fc.assert(
    fc.property(requests, fc.nat(), (request, nat) => {
      const bytes = encode(request);
      const cut = bytes.subarray(0, nat % (bytes.length + 1));
      const attempt = <T>(read: () => T) => {
        try {
          return read();
        } catch {
          return "malformed";
        }
      };
      t.deepEqual(
        attempt(() => read(cut)),
        attempt(() => expected(cut)),
      );
    }),
    { numRuns: 300 },
  );
});

test("what is no message is malformed, and ends", (t) => {
  for (const bytes of [
    [0x2a, 0xff, 0xff],
    [0x0b],
    [0x2a, 0x02, 0x0a, 0x05],
    [0x09, 1, 2],
    Array(12).fill(0xff),
  ])
    t.throws(() => readDeltaRequest(Uint8Array.from(bytes)), undefined, String(bytes));
});

test("the versions that are listed are added up where they are versions", (t) => {
  const versions = fc.array(fc.string().map(contentVersion), { maxLength: 50 });
  const joined = (listed: readonly string[]) => {
    const initialResourceVersions = Object.fromEntries(
      listed.map((version, index) => [`n${index}`, version]),
    );
    return readDeltaRequest(encode({ initialResourceVersions })).request.initialVersions.joined;
  };
  fc.assert(
    fc.property(versions, (listed) => {
      t.is(joined(listed), joinedVersion(listed));
    }),
  );
  t.is(joined(["f".repeat(20), "f".repeat(20)]), joinedVersion(["f".repeat(20), "f".repeat(20)]));
  for (const other of ["", "1", "g".repeat(20), "A".repeat(20), "0".repeat(21), "0".repeat(19)]) {
    t.is(joined([contentVersion("a"), other]), undefined, other);
  }
});
