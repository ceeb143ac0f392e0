// The gateway that made-up VirtualServices mean, made up at random: plain HTTP, TLS that ends there or passes through, and TCP.

import fc from "fast-check";
import { otherCertificate, testCertificate, testKey } from "../../../compiler/testing/credentials.ts";
import { type JsonObject, member } from "../json.ts";
import { oneOf, optional, record } from "./arbitraries.ts";

const hosts = oneOf(
  ["*"],
  ["*.example.com"],
  ["www.example.com", "api.example.com"],
  ["default/*.example.com"],
  ["./*"],
);

// With a redirect, now and then, in whatever way it is written.
const plain = record({
  port: oneOf(
    { number: 80, name: "http", protocol: "HTTP" },
    { number: 8080, name: "http-alt", protocol: "HTTP" },
  ),
  hosts,
  tls: optional(oneOf({ httpsRedirect: true }), 5),
});
const passing = record({
  port: oneOf(
    { number: 443, name: "tls", protocol: "TLS" },
    { number: 8443, name: "https-pass", protocol: "HTTPS" },
  ),
  hosts,
  tls: fc.constant({ mode: "PASSTHROUGH" }),
});
const tcp = record({ port: oneOf({ number: 9000, name: "tcp", protocol: "TCP" }), hosts });

const versions = {
  minProtocolVersion: optional(oneOf("TLSV1_2", "TLSV1_3", "TLS_AUTO"), 4),
  maxProtocolVersion: optional(oneOf("TLSV1_3"), 6),
  cipherSuites: optional(oneOf(["ECDHE-ECDSA-AES128-GCM-SHA256", "AES256-GCM-SHA384"]), 5),
};
const files = { serverCertificate: oneOf("/etc/c.pem"), privateKey: oneOf("/etc/k.pem") };
const digest = "a".repeat(64);
const clients = {
  subjectAltNames: optional(oneOf(["spiffe://x/y"], ["client.example"]), 3),
  verifyCertificateHash: optional(oneOf([digest]), 6),
};
const ending = fc.oneof(
  record({ mode: oneOf("SIMPLE"), credentialName: oneOf("pair", "mutual"), ...versions }),
  record({ mode: oneOf("SIMPLE"), credentialNames: oneOf(["pair", "mutual"]), ...versions }),
  record({ mode: oneOf("SIMPLE"), ...files, ...versions }),
  record({
    mode: oneOf("MUTUAL", "OPTIONAL_MUTUAL"),
    credentialName: oneOf("mutual", "apart"),
    ...clients,
    ...versions,
  }),
  record({
    mode: oneOf("MUTUAL"),
    credentialName: oneOf("pair"),
    caCertCredentialName: oneOf("apart-cacert"),
  }),
  record({
    mode: oneOf("MUTUAL", "OPTIONAL_MUTUAL"),
    ...files,
    caCertificates: oneOf("/etc/ca.pem"),
    ...clients,
    insecureSkipVerify: optional(oneOf(true), 5),
  }),
  record({ mode: oneOf("ISTIO_MUTUAL"), subjectAltNames: optional(oneOf(["spiffe://x/y"])) }),
);
const secured = record({
  port: oneOf(
    { number: 443, name: "https", protocol: "HTTPS" },
    { number: 443, name: "https-other", protocol: "HTTPS" },
    { number: 8443, name: "https-alt", protocol: "HTTPS" },
    { number: 9443, name: "tls-end", protocol: "TLS" },
  ),
  hosts,
  tls: ending,
});

const servers = fc.uniqueArray(
  fc.oneof(
    { weight: 2, arbitrary: plain },
    { weight: 1, arbitrary: passing },
    { weight: 3, arbitrary: secured },
    { weight: 1, arbitrary: tcp },
  ),
  { minLength: 1, maxLength: 3, selector: (each) => member(each, "port", "name") },
);

export const gateways: fc.Arbitrary<JsonObject> = servers.map((servers) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { namespace: "istio-system", name: "gw" },
  spec: { selector: { istio: "ingressgateway" }, servers },
}));

function secretText(name: string, contents: Readonly<Record<string, string>>): string {
  const data = Object.entries(contents).map(
    ([key, text]) => `${key}: ${Buffer.from(text).toString("base64")}`,
  );
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: istio-system }
data: { ${data.join(", ")} }
`;
}

const pair = { "tls.crt": testCertificate, "tls.key": testKey };

/** A pair alone, one with the CA of clients, and one whose CA is a secret of its own. */
export const secretsText = [
  secretText("pair", pair),
  secretText("mutual", { ...pair, "ca.crt": otherCertificate }),
  secretText("apart", pair),
  secretText("apart-cacert", { "ca.crt": otherCertificate }),
].join("---\n");
