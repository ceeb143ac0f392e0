// Keys and certificates in, Envoy's `Secret` messages out, as SDS delivers them. It does not know whose they are.

import { create } from "@bufbuild/protobuf";
import type { DataSource } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { DataSourceSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import {
  type Secret,
  SecretSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import type { Redacted } from "./redacted.ts";

/** A certificate chain and its key, to be served under `name`. The message holds the key in the clear: never log it. */
export function tlsCertificateSecret(
  name: string,
  certChainPem: string,
  privateKeyPem: Redacted<string>,
): Secret {
  const value = { certificateChain: inline(certChainPem), privateKey: inline(privateKeyPem.reveal()) };
  return create(SecretSchema, { name, type: { case: "tlsCertificate", value } });
}

/** A trust bundle (PEM), to be served under `name`. Which names a peer may have is for the cluster or listener to say. */
export function validationSecret(name: string, bundlePem: string): Secret {
  const value = { trustedCa: inline(bundlePem) };
  return create(SecretSchema, { name, type: { case: "validationContext", value } });
}

// Envoy marks inline_string as sensitive in secrets as well as inline_bytes; PEM is text, and text is what a
// configuration dump shows readably for the parts that are public.
function inline(text: string): DataSource {
  return create(DataSourceSchema, { specifier: { case: "inlineString", value: text } });
}
