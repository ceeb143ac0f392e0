// Secrets that would leave a listener or cluster waiting, or with nothing to present.

import type { DataSource } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { refusal } from "./refusal.ts";

const material = refusal(SecretSchema, ({ type }, walk) => {
  switch (type.case) {
    case "tlsCertificate":
      if (type.value.pkcs12 !== undefined) return;
      if (!isThere(type.value.certificateChain))
        walk.report("is required", "tls_certificate", "certificate_chain");
      if (!isThere(type.value.privateKey) && type.value.privateKeyProvider === undefined) {
        walk.report("is required", "tls_certificate", "private_key");
      }
      return;
    case "validationContext":
      if (!isThere(type.value.trustedCa)) walk.report("is required", "validation_context", "trusted_ca");
      return;
    case "sessionTicketKeys":
    case "genericSecret":
      return;
    case undefined:
      walk.report("must have a certificate or a validation context");
  }
});

function isThere(source: DataSource | undefined): boolean {
  return source !== undefined && source.specifier.value !== "" && source.specifier.case !== undefined;
}

export const secretRefusals = [material];
