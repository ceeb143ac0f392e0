// One served resource as a typed message again, with what the server says of it. In: the JSON of a dump. Out: the message.

import { type DescMessage, fromJson, type MessageShape } from "@bufbuild/protobuf";
import { fullRegistry } from "@envoyproxy/protos-ts/full-registry";
import type { DumpedResource } from "#runtime";

export interface Served<Message> {
  readonly dumped: DumpedResource;
  readonly message: Message;
}

export function readServed<Desc extends DescMessage>(
  schema: Desc,
  dumped: readonly DumpedResource[] = [],
): readonly Served<MessageShape<Desc>>[] {
  const options = { registry: fullRegistry(), ignoreUnknownFields: true };
  return dumped.map((each) => ({ dumped: each, message: fromJson(schema, each.resource, options) }));
}
