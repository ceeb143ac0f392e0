import { toJson } from "@bufbuild/protobuf";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import test from "ava";
import { Redacted, tlsCertificateSecret, validationSecret } from "./index.ts";

test("a certificate with its key", (t) => {
  t.deepEqual(toJson(SecretSchema, tlsCertificateSecret("default", "chain", new Redacted("key"))), {
    name: "default",
    tlsCertificate: { certificateChain: { inlineString: "chain" }, privateKey: { inlineString: "key" } },
  });
});

test("a trust bundle", (t) => {
  t.deepEqual(toJson(SecretSchema, validationSecret("ROOTCA", "bundle")), {
    name: "ROOTCA",
    validationContext: { trustedCa: { inlineString: "bundle" } },
  });
});
