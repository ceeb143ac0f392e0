import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import {
  anyPack,
  DurationSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  file_google_protobuf_struct,
  isWrapperDesc,
  SourceCodeInfoSchema,
  StringValueSchema,
  StructSchema,
  TypeSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { HttpConnectionManagerSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { messageTypes } from "@envoyproxy/protos-ts/files";
import test from "ava";
import fc from "fast-check";
import { canonicalBinary } from "./canonical.ts";
import { share } from "./shared.ts";

const any = (value: string) => anyPack(StringValueSchema, create(StringValueSchema, { value }));

function routeWith(keys: readonly string[]) {
  return create(RouteConfigurationSchema, {
    name: "r",
    virtualHosts: [
      {
        name: "v",
        domains: ["*"],
        routes: [{ typedPerFilterConfig: Object.fromEntries(keys.map((key) => [key, any(key)])) }],
      },
    ],
  });
}

test("the order in which a map was filled does not show, however deep it lies", (t) => {
  const one = canonicalBinary(RouteConfigurationSchema, routeWith(["b", "a", "c"]));
  const other = canonicalBinary(RouteConfigurationSchema, routeWith(["c", "b", "a"]));
  t.deepEqual(one, other);
  t.notDeepEqual(
    toBinary(RouteConfigurationSchema, routeWith(["b", "a", "c"])),
    toBinary(RouteConfigurationSchema, routeWith(["c", "b", "a"])),
  );
});

test("maps of structs are sorted inside and out", (t) => {
  const withMetadata = (metadata: Record<string, Record<string, string | { [key: string]: number }>>) =>
    canonicalBinary(
      ClusterSchema,
      create(ClusterSchema, { name: "c", metadata: { filterMetadata: metadata } }),
    );
  t.deepEqual(
    withMetadata({ istio: { a: "1", deep: { x: 1, y: 2 } }, envoy: { lb: "l" } }),
    withMetadata({ envoy: { lb: "l" }, istio: { deep: { y: 2, x: 1 }, a: "1" } }),
  );
});

test("the meaning is kept and the message is left alone", (t) => {
  const message = routeWith(["b", "a"]);
  const before = structuredClone(Object.keys(message.virtualHosts[0]?.routes[0]?.typedPerFilterConfig ?? {}));
  const again = fromBinary(RouteConfigurationSchema, canonicalBinary(RouteConfigurationSchema, message));
  t.deepEqual(Object.keys(again.virtualHosts[0]?.routes[0]?.typedPerFilterConfig ?? {}), ["a", "b"]);
  t.deepEqual(Object.keys(message.virtualHosts[0]?.routes[0]?.typedPerFilterConfig ?? {}), before);
  t.deepEqual(before, ["b", "a"]);
});

test("a map inside the chosen member of a oneof is reached", (t) => {
  const typed = (keys: readonly string[]) =>
    canonicalBinary(
      ClusterSchema,
      create(ClusterSchema, {
        name: "c",
        lbSubsetConfig: { defaultSubset: Object.fromEntries(keys.map((key) => [key, key])) },
      }),
    );
  t.deepEqual(typed(["z", "y"]), typed(["y", "z"]));
});

/** What `create` takes for a message of the type, at most so deep. Keys of maps are in order, as the library leaves them. */
function inits(schema: DescMessage, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const members = schema.members.flatMap((member) => {
    if (member.kind === "oneof") {
      const cases = member.fields.filter(({ message }) => depth > 0 || !message);
      if (cases.length === 0) return [];
      const chosen = cases.map((field) =>
        fc.record({ case: fc.constant(field.localName), value: values(field, depth) }),
      );
      return [[member.localName, fc.oneof(...chosen)] as const];
    }
    return depth > 0 || !member.message ? [[member.localName, values(member, depth)] as const] : [];
  });
  return fc.record(Object.fromEntries(members), { requiredKeys: [] });
}

function values(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const one = () => {
    if (!field.message) return field.enum ? enums(field.enum.values) : scalars(field.scalar);
    if (isJson(field.message, field.parent)) return json;
    const [inner] = field.message.fields;
    const unwrapped = isWrapperDesc(field.message) && field.fieldKind === "message";
    if (unwrapped && !field.oneof && inner) return values(inner, 0);
    return inits(field.message, depth - 1);
  };
  switch (field.fieldKind) {
    case "list":
      return fc.array(one(), { maxLength: 2 });
    case "map":
      return fc
        .dictionary(keys(field.mapKey), one(), { maxKeys: 2, noNullPrototype: true })
        .map((entries) => Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1))));
    default:
      return one();
  }
}

const isJson = (type: DescMessage, parent: DescMessage) =>
  type.typeName === StructSchema.typeName && parent.typeName !== ValueSchema.typeName;

/** No key that looks like a number, which objects would put first. */
const word = fc.stringMatching(/^[a-zé😀]{1,6}$/u);
const keys = (type: ScalarType) => {
  if (type === ScalarType.STRING) return word;
  return type === ScalarType.BOOL ? fc.constantFrom("true", "false") : fc.constantFrom("1", "7");
};

const leaf = fc.oneof(word, fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
const json = fc
  .uniqueArray(fc.tuple(word, fc.oneof(leaf, fc.array(leaf, { maxLength: 2 }), fc.record({ deep: leaf }))), {
    selector: ([key]) => key,
    maxLength: 3,
  })
  .map((entries) => Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));

const enums = (of: readonly { readonly number: number }[]) =>
  fc.constantFrom(...of.map(({ number }) => number));

function scalars(type: ScalarType | undefined): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return fc.oneof(word, fc.string({ unit: "grapheme", maxLength: 200 }));
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 5 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.FLOAT:
      return fc.float({ noNaN: true });
    case ScalarType.DOUBLE:
      return fc.oneof(fc.double({ noNaN: true }), fc.constant(-0));
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.nat({ max: 0xffff_ffff });
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return fc.integer();
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    default:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  }
}

const named = (typeName: string): DescMessage => {
  const found = messageTypes.getMessage(typeName);
  if (!found) throw new Error(typeName);
  return found;
};

for (const [schema, depth] of [
  [ClusterSchema, 4],
  [RouteConfigurationSchema, 4],
  [ListenerSchema, 4],
  [ClusterLoadAssignmentSchema, 6],
  [HttpConnectionManagerSchema, 3],
  [ValueSchema, 4],
  [StructSchema, 3],
  // Not of proto3: presence is tracked, defaults stand in prototypes, lists of numbers are packed.
  [SourceCodeInfoSchema, 3],
  [TypeSchema, 3],
  // Every kind of scalar, alone, wrapped and in maps.
  [named("validate.FieldRules"), 3],
] as const satisfies readonly (readonly [DescMessage, number])[]) {
  test(`${schema.typeName} has the bytes that the library gives it`, (t) => {
    fc.assert(
      fc.property(inits(schema, depth), (init) => {
        const message = create(schema, init as never);
        t.deepEqual(Buffer.from(canonicalBinary(schema, message)), Buffer.from(toBinary(schema, message)));
      }),
      { numRuns: 150 },
    );
  });
}

test("a list of values is no wrapper, although it is named like one", (t) => {
  const field = {
    name: "items",
    number: 1,
    type: FieldDescriptorProto_Type.MESSAGE,
    label: FieldDescriptorProto_Label.OPTIONAL,
    typeName: ".google.protobuf.ListValue",
  };
  const file = create(FileDescriptorProtoSchema, {
    name: "holder.proto",
    syntax: "proto3",
    dependency: ["google/protobuf/struct.proto"],
    messageType: [{ name: "Holder", field: [field] }],
  });
  const holder = createFileRegistry(file, () => file_google_protobuf_struct).getMessage("Holder");
  if (!holder) throw new Error("no Holder");
  const message = fromJson(holder, { items: ["a", 1, null] });
  t.deepEqual(canonicalBinary(holder, message), toBinary(holder, message));
});

test("fields that the schema does not have are kept", (t) => {
  const cluster = create(ClusterSchema, { name: "c" });
  const bytes = toBinary(ClusterSchema, cluster);
  const more = fromBinary(ClusterSchema, Buffer.concat([bytes, Buffer.from([0xfa, 0xff, 0x03, 0x01, 0x78])]));
  t.is(more.$unknown?.length, 1);
  t.deepEqual(canonicalBinary(ClusterSchema, more), toBinary(ClusterSchema, more));
});

test("what cannot be written is our mistake, and the next message is not touched by it", (t) => {
  const bad = create(ClusterSchema, { name: "c", connectTimeout: { seconds: 1n, nanos: 1.5 } });
  t.throws(() => canonicalBinary(ClusterSchema, bad), { message: /1\.5/ });
  const good = create(ClusterSchema, { name: "c" });
  t.deepEqual(canonicalBinary(ClusterSchema, good), toBinary(ClusterSchema, good));
});

test("a shared part is encoded once, wherever it stands; any other each time", (t) => {
  const encodedTwice = (part: { seconds: bigint }) => {
    const cluster = (name: string) => create(ClusterSchema, { name, connectTimeout: part as never });
    const bytes = canonicalBinary(ClusterSchema, cluster("a"));
    const whole = toBinary(ClusterSchema, cluster("a"));
    t.deepEqual(bytes, whole);
    // It must not be changed. That it can be shows whether it was looked at again.
    part.seconds = 77n;
    return fromBinary(ClusterSchema, canonicalBinary(ClusterSchema, cluster("b"))).connectTimeout?.seconds;
  };
  t.is(encodedTwice(create(DurationSchema, { seconds: 5n })), 77n);
  t.is(encodedTwice(share(create(DurationSchema, { seconds: 5n }))), 5n);
});
