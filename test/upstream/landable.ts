// Emitted resources, changed only in what a test machine cannot give them: ports that others may hold, and certificate
// files that only the proxy's own disk has.

import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { registry } from "@envoyproxy/protos-ts/registry";
import type { EmittedResource } from "#compiler";
import { anyWorkload, testRoot } from "../envoy/index.ts";

const listenerType = "type.googleapis.com/envoy.config.listener.v3.Listener";

/** The same resource where nothing needs to change. */
export function landable(resource: EmittedResource): EmittedResource {
  const json = toJson(resource.schema, resource.message, { registry });
  const text = JSON.stringify(json);
  const isListener = resource.typeUrl === listenerType;
  if (!isListener && !text.includes('"filename"')) return resource;
  const inlined = inlineFiles(json);
  const moved = isListener ? withFreePort(inlined) : inlined;
  return { ...resource, message: fromJson(resource.schema, moved, { registry }) };
}

function inlineFiles(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(inlineFiles);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, member]): [string, JsonValue] => {
    const isFile = member !== null && typeof member === "object" && "filename" in member;
    const pem = isFile ? pemFor[key] : undefined;
    return [key, pem === undefined ? inlineFiles(member) : { inlineString: pem }];
  });
  return Object.fromEntries(entries);
}

const pemFor: Readonly<Record<string, string>> = {
  certificateChain: anyWorkload.certificate,
  privateKey: anyWorkload.privateKey,
  trustedCa: testRoot,
};

/** A listener that opens a port gets a free one on loopback. */
function withFreePort(listener: JsonValue): JsonValue {
  if (listener === null || typeof listener !== "object" || Array.isArray(listener)) return listener;
  if (listener.bindToPort === false) return listener;
  return { ...listener, address: { socketAddress: { address: "127.0.0.1", portValue: 0 } } };
}
