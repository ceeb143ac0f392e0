import { type DescFile, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { AnySchema, anyPack, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { TcpProxySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import { fileOf, messageTypes } from "@envoyproxy/protos-ts/files";
import { fullRegistry } from "@envoyproxy/protos-ts/full-registry";
import test from "ava";

/** Every type of a file, with the types that its fields have. */
function outline(file: DescFile): readonly string[] {
  return [...nestedTypes(file)].flatMap((type) => [
    `${type.kind} ${type.typeName}`,
    ...(type.kind === "message" ? fieldsOf(type) : []),
  ]);
}

function fieldsOf({ typeName, fields }: DescMessage): readonly string[] {
  return fields.map(
    ({ name, number, fieldKind, message, enum: enumeration, oneof }) =>
      `${typeName}.${name} ${number} ${fieldKind} ${message?.typeName ?? enumeration?.typeName} ${oneof?.name}`,
  );
}

test("each file of the image by itself is what it is among all", (t) => {
  let count = 0;
  for (const whole of fullRegistry().files) {
    const { name } = whole.proto;
    if (name.startsWith("google/protobuf/")) continue;
    const alone = fileOf(name);
    t.deepEqual(outline(alone), outline(whole), name);
    t.deepEqual(
      toBinary(FileDescriptorProtoSchema, alone.proto),
      toBinary(FileDescriptorProtoSchema, whole.proto),
      name,
    );
    count += 1;
  }
  t.true(count > 450, `${count}`);
});

test("a type is one object, whichever way one comes to it", (t) => {
  const listener = fileOf("envoy/config/listener/v3/listener.proto").messages;
  t.true(listener.includes(ListenerSchema));
  t.is(messageTypes.getMessage(ListenerSchema.typeName), ListenerSchema);
  const filter = messageTypes.getMessage("envoy.config.listener.v3.Filter");
  t.is(filter?.field.typedConfig?.message, AnySchema);
  const chain = ListenerSchema.field.filterChains?.message;
  t.is(chain?.field.filters?.message, filter);
});

test("packed types are found, in use elsewhere or not; others are not", (t) => {
  const packed = anyPack(TcpProxySchema, fromBinary(TcpProxySchema, new Uint8Array()));
  t.true(packed.typeUrl.endsWith(messageTypes.getMessage(TcpProxySchema.typeName)?.typeName ?? "?"));
  t.truthy(messageTypes.getMessage("envoy.extensions.filters.http.mcp.v3.Mcp"));
  t.is(messageTypes.getMessage("example.Unknown"), undefined);
  t.throws(() => fileOf("example/none.proto"), { message: /example\/none\.proto/ });
});
