// A PKCS #10 request in, what it says out (RFC 2986). Whether anybody should believe it is not judged here.

import { createPublicKey, type KeyObject } from "node:crypto";
import { constructedTag, type Element, Fields, objectIdentifierIn, partsOf, readOne, tags } from "#der";
import { type AlternativeName, readExtensions, readNames } from "./extensions.ts";
import { ExtensionId, extensionRequest } from "./identifiers.ts";

/** A request's key and the names it asks for. */
export interface CertificateRequest {
  readonly publicKey: KeyObject;
  readonly names: readonly AlternativeName[];
}

/** Reads a request in DER; throws what says why it is none. */
export function readRequest(der: Uint8Array): CertificateRequest {
  const request = new Fields(readOne(der));
  const information = new Fields(request.take());
  information.take(tags.integer);
  information.take(tags.sequence);
  const key = information.take(tags.sequence).whole;
  const attributes = information.takeIf(constructedTag(0));
  information.end();
  return {
    publicKey: createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" }),
    names: attributes ? partsOf(attributes).flatMap(namesIn) : [],
  };
}

function namesIn(attribute: Element): readonly AlternativeName[] {
  const fields = new Fields(attribute);
  const id = objectIdentifierIn(fields.take());
  const values = fields.take(tags.set);
  fields.end();
  if (id !== extensionRequest) return [];
  return partsOf(values).flatMap((list) => {
    const names = readExtensions(list).get(ExtensionId.subjectAltName);
    return names ? readNames(names.value) : [];
  });
}
