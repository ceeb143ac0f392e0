// What the compiler makes of certificates and keys is what Envoy makes of them.

import { createPrivateKey } from "node:crypto";
import test from "ava";
import { faultOfMaterial, faultOfPair } from "../../compiler/kinds/shared/key-material.ts";
import {
  testCertificate as certificate,
  otherCertificate,
  otherKey,
  testKey as privateKey,
  testRevocations,
} from "../../compiler/testing/credentials.ts";
import { ed25519, p521, rsa1024, rsa2048, secp256k1 } from "./odd-credentials.ts";
import { validateInEnvoy } from "./process.ts";

interface Credential {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca?: string;
  readonly crl?: string;
}

const good = { certificate, privateKey };
/** Well-formed PEM of a number. */
const nothing = (label: string) => `-----BEGIN ${label}-----\nMAMCAQU=\n-----END ${label}-----\n`;
const encrypted = createPrivateKey(privateKey)
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
  .toString();

function fault({ certificate, privateKey, ca, crl }: Credential): string | undefined {
  return (
    faultOfMaterial(certificate, "certificates") ??
    faultOfMaterial(privateKey, "private key") ??
    faultOfPair(certificate, privateKey) ??
    (ca === undefined ? undefined : faultOfMaterial(ca, "certificates")) ??
    (crl === undefined ? undefined : faultOfMaterial(crl, "revocation lists"))
  );
}

function bootstrap({ certificate, privateKey, ca, crl }: Credential): string {
  const inline = (text: string) => ({ inline_string: text });
  const tls = {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    common_tls_context: {
      tls_certificates: [{ certificate_chain: inline(certificate), private_key: inline(privateKey) }],
      ...(ca && { validation_context: { trusted_ca: inline(ca), ...(crl && { crl: inline(crl) }) } }),
    },
  };
  const echo = { "@type": "type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo" };
  const chain = {
    filters: [{ name: "echo", typed_config: echo }],
    transport_socket: { name: "tls", typed_config: tls },
  };
  const address = { socket_address: { address: "127.0.0.1", port_value: 0 } };
  return JSON.stringify({
    static_resources: { listeners: [{ name: "l", address, filter_chains: [chain] }] },
  });
}

for (const [title, credential] of [
  ["P-256", good],
  ["P-521", p521],
  ["RSA of 2048 bits", rsa2048],
  ["Ed25519", ed25519],
  ["a chain with more than its own", { ...good, certificate: certificate + otherCertificate }],
  ["two keys, of which the first is its own", { ...good, privateKey: privateKey + otherKey }],
  ["one text for both", { certificate: privateKey + certificate, privateKey: certificate + privateKey }],
  ["another CA, twice", { ...good, ca: otherCertificate + otherCertificate }],
  ["a CA with a small key", { ...good, ca: rsa1024.certificate }],
  ["an empty list of revocations", { ...good, ca: certificate, crl: testRevocations }],
] as const) {
  test(`taken by both: ${title}`, async (t) => {
    t.is(fault(credential), undefined);
    const { accepted, output } = await validateInEnvoy(bootstrap(credential));
    t.true(accepted, output);
  });
}

for (const [title, credential, message] of [
  ["another certificate's key", { ...good, privateKey: otherKey }, /that of another certificate/],
  ["a key of another kind", { ...good, privateKey: rsa2048.privateKey }, /that of another certificate/],
  [
    "an intermediate before its own",
    { ...good, certificate: otherCertificate + certificate },
    /another certificate/,
  ],
  ["RSA of 1024 bits", rsa1024, /RSA key has 1024 bits/],
  ["another curve", secp256k1, /on the curve secp256k1/],
  ["an encrypted key", { ...good, privateKey: encrypted }, /it is encrypted/],
  ["no key in it", { ...good, privateKey: nothing("PRIVATE KEY") }, /not a private key/],
  ["no certificate in it", { ...good, certificate: nothing("CERTIFICATE") }, /certificate 1 in it/],
  [
    "a chain that goes nowhere",
    { ...good, certificate: certificate + nothing("CERTIFICATE") },
    /certificate 2 in it/,
  ],
  ["no CA in it", { ...good, ca: certificate + nothing("CERTIFICATE") }, /certificate 2 in it/],
  [
    "no list in it",
    { ...good, ca: certificate, crl: nothing("X509 CRL") },
    /something else than a revocation list/,
  ],
] as const) {
  test(`refused by both: ${title}`, async (t) => {
    t.regex(fault(credential) ?? "", message);
    t.false((await validateInEnvoy(bootstrap(credential))).accepted);
  });
}
