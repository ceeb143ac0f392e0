// The Secret that an operator plugs the mesh's own CA in with.

import type { RawObject } from "../../../1-parse/index.ts";
import type { Redacted } from "../../../model/security.ts";
import { readSecretData } from "./data.ts";

/** The name that Istio gives it. It counts in the root namespace alone, which is the caller's to check. */
const caSecretName = "cacerts";

/**
 * Its values by key (`ca-cert.pem`, `ca-key.pem`, `cert-chain.pem`, `root-cert.pem`, or those of a TLS Secret). Undefined
 * for every other object, and when a value cannot be read.
 */
export function readCaSecret(object: RawObject): Readonly<Record<string, Redacted>> | undefined {
  if (object.group !== "" || object.kind !== "Secret" || object.name !== caSecretName) return undefined;
  const { values, unreadable } = readSecretData(object);
  return unreadable.length > 0 ? undefined : values;
}
