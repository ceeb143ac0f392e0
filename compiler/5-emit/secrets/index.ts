// SecretPlan → Envoy Secret. The only place where a key may leave its wrapper, and even here only while it is encoded.

import { clone, create, type Message } from "@bufbuild/protobuf";
import { type DataSource, DataSourceSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import {
  type Secret,
  SecretSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import type { SecretPlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { Redacted } from "../../model/security.ts";
import type { EmittedResource } from "../resource.ts";

export const secretTypeUrl = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

/**
 * One secret under its SDS name. Encoding the message gives the private key; logging, inspecting or `JSON.stringify`
 * does not. protojson does: print `redactSecret(message)` instead.
 */
export const emitSecret = memoizeByIdentity((plan: SecretPlan): EmittedResource => {
  return {
    typeUrl: secretTypeUrl,
    name: plan.name,
    schema: SecretSchema,
    message: buildSecret(plan),
    origins: plan.origins,
  };
});

function buildSecret({ name, part, credential }: SecretPlan): Secret {
  switch (part) {
    case "certificate": {
      const secret = create(SecretSchema, {
        name,
        type: {
          case: "tlsCertificate",
          value: { certificateChain: inline(credential.certificate ?? "") },
        },
      });
      if (secret.type.case === "tlsCertificate" && credential.privateKey !== undefined) {
        secret.type.value.privateKey = sealed(credential.privateKey);
      }
      return secret;
    }
    case "ca":
      return create(SecretSchema, {
        name,
        type: {
          case: "validationContext",
          value: {
            trustedCa: inline(credential.caCertificate ?? ""),
            ...(credential.crl === undefined ? {} : { crl: inline(credential.crl) }),
          },
        },
      });
  }
}

function inline(text: string): DataSource {
  return create(DataSourceSchema, { specifier: { case: "inlineString", value: text } });
}

/** The text is there for whoever asks for that very property, as an encoder does, and for nobody who lists properties. */
function sealed(key: Redacted): DataSource {
  const source = inline("");
  Object.defineProperty(source.specifier, "value", { get: () => key.reveal(), enumerable: false });
  return source;
}

/** A copy with every private key and password replaced, safe to print in any form. Messages of other types pass through. */
export function redactSecret(message: Message): Message {
  if (!isSecret(message)) return message;
  const copy = clone(SecretSchema, message);
  switch (copy.type.case) {
    case "tlsCertificate": {
      const certificate = copy.type.value;
      if (certificate.privateKey !== undefined) certificate.privateKey = inline("[redacted]");
      if (certificate.password !== undefined) certificate.password = inline("[redacted]");
      if (certificate.pkcs12 !== undefined) certificate.pkcs12 = inline("[redacted]");
      return copy;
    }
    case "sessionTicketKeys":
      copy.type.value.keys = copy.type.value.keys.map(() => inline("[redacted]"));
      return copy;
    case "genericSecret":
      copy.type.value.secret = inline("[redacted]");
      copy.type.value.secrets = {};
      return copy;
    case "validationContext":
    case undefined:
      return copy;
  }
}

function isSecret(message: Message): message is Secret {
  return message.$typeName === SecretSchema.typeName;
}
