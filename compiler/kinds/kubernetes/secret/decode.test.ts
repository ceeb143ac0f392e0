import { inspect } from "node:util";
import test from "ava";
import { parseText } from "../../../1-parse/index.ts";
import { renderDiagnostics } from "../../../diagnostics/index.ts";
import {
  otherCertificate,
  otherKey,
  testCertificate,
  testKey,
  testRevocations,
} from "../../../testing/credentials.ts";
import { decodeYaml } from "../../shared/decode-yaml.ts";
import { configMap } from "../config-map/index.ts";
import { readCaSecret, secret } from "./index.ts";

const certificate = testCertificate;
const privateKey = testKey;
const crl = testRevocations;
const empty = (label: string) => `-----BEGIN ${label}-----\nMAA=\n-----END ${label}-----\n`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

function decode(data: Readonly<Record<string, unknown>>, more: object = {}) {
  const object = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: "shop" },
    data,
    ...more,
  };
  return decodeYaml(JSON.stringify(object), [secret]);
}

function encoded(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)]));
}

for (const [name, data, expected] of [
  ["kubernetes.io/tls", { "tls.crt": certificate, "tls.key": privateKey }, { certificate, key: true }],
  [
    "with a CA",
    { "tls.crt": certificate, "tls.key": privateKey, "ca.crt": certificate, "ca.crl": crl },
    { certificate, key: true, caCertificate: certificate, crl },
  ],
  [
    "generic",
    { cert: certificate, key: privateKey, cacert: certificate, crl },
    { certificate, key: true, caCertificate: certificate, crl },
  ],
  ["a CA alone", { cacert: certificate }, { key: false, caCertificate: certificate }],
  ["a CA alone, as a TLS secret", { "ca.crt": certificate }, { key: false, caCertificate: certificate }],
] as const) {
  test(`${name}: a credential`, (t) => {
    const { facts, summary } = decode(encoded(data));
    t.deepEqual(summary, []);
    const [fact] = facts;
    if (fact?.type !== "credential") return t.fail();
    const { origin, privateKey: key, lifetimes, ...rest } = fact.value;
    const { key: hasKey, ...parts } = expected;
    t.deepEqual<unknown, unknown>(rest, { name: "s", namespace: "shop", ...parts });
    t.is(key?.reveal(), hasKey ? privateKey : undefined);
    t.deepEqual(
      lifetimes.map(({ part }) => part),
      [rest.certificate ? "certificate" : [], rest.caCertificate ? "CA bundle" : []].flat(),
    );
  });
}

test("plain text wins over base64", (t) => {
  const { facts } = decode({ cacert: "!" }, { stringData: { cacert: certificate } });
  t.like(facts[0], { value: { caCertificate: certificate } });
});

for (const [name, data, more] of [
  ["other keys", { password: base64("x") }, {}],
  [
    "a service account's token",
    encoded({ "ca.crt": certificate }),
    { type: "kubernetes.io/service-account-token" },
  ],
  ["no data", {}, {}],
] as const) {
  test(`${name}: no credential and no remark`, (t) => {
    const { facts, summary } = decode(data, more);
    t.deepEqual(facts, []);
    t.deepEqual(summary, []);
  });
}

const hidden = "c2VjcmV0LXN0dWZm";
for (const [name, data, message] of [
  ["not base64", { "tls.crt": base64(certificate), "tls.key": `*${hidden}` }, /"tls.key" is not base64/],
  [
    "not text",
    { "tls.crt": base64(certificate), "tls.key": "/////w==" },
    /"tls.key" is not base64 of a text/,
  ],
  [
    "not PEM",
    { "tls.crt": base64(certificate), "tls.key": hidden },
    /"tls.key" cannot be used: it has no PEM/,
  ],
  [
    "cut off",
    encoded({ "tls.crt": certificate, "tls.key": privateKey.slice(0, -20) }),
    /a PEM block has no end/,
  ],
  [
    "damaged",
    encoded({ "tls.crt": certificate, "tls.key": privateKey.replace("MIG", "MIH") }),
    /PRIVATE KEY in it is damaged/,
  ],
  [
    "swapped",
    encoded({ "tls.crt": privateKey, "tls.key": certificate }),
    /"tls.crt" cannot be used: it holds no certificates/,
  ],
  [
    "nothing in it",
    encoded({ "tls.crt": certificate + empty("CERTIFICATE"), "tls.key": privateKey }),
    /"tls.crt" cannot be used: certificate 2 in it is not a certificate/,
  ],
  [
    "no key in it",
    encoded({ "tls.crt": certificate, "tls.key": empty("PRIVATE KEY") }),
    /"tls.key" cannot be used: it is not a private key that can be read/,
  ],
  [
    "no list in it",
    encoded({ "ca.crt": certificate, "ca.crl": empty("X509 CRL") }),
    /"ca.crl" cannot be used: it holds something else than a revocation list/,
  ],
  [
    "a key of another certificate",
    encoded({ "tls.crt": certificate, "tls.key": otherKey }),
    /the private key is that of another certificate/,
  ],
  [
    "the chain begins with another certificate",
    encoded({ "tls.crt": otherCertificate + certificate, "tls.key": privateKey }),
    /the private key is that of another certificate/,
  ],
  ["no key", encoded({ "tls.crt": certificate }), /the credential has no "tls.key"/],
  ["a number", { "tls.crt": 12345678, "tls.key": base64(privateKey) }, /"tls.crt" is not base64/],
] as const) {
  test(`${name}: refused without showing anything`, (t) => {
    const text = JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data });
    const { facts, diagnostics } = decodeYaml(text, [secret]);
    t.deepEqual(facts, []);
    const rendered = renderDiagnostics(diagnostics, { source: () => text });
    t.regex(rendered, message);
    for (const value of Object.values(data)) t.false(rendered.includes(String(value)), rendered);
  });
}

test("a credential does not print its key", (t) => {
  const { facts } = decode(encoded({ "tls.crt": certificate, "tls.key": privateKey }));
  for (const printed of [JSON.stringify(facts), inspect(facts, { depth: 9 }), String(facts)]) {
    t.false(printed.includes(privateKey.slice(60, 90)), printed);
  }
});

test("the CA's own secret", (t) => {
  const text = (name: string, data: object) =>
    parseText("f", JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name }, data })).objects;
  const data = encoded({ "ca-cert.pem": certificate, "ca-key.pem": privateKey });
  const [object] = text("cacerts", data);
  const found = object && readCaSecret(object);
  t.is(found?.["ca-key.pem"]?.reveal(), privateKey);
  t.is(JSON.stringify(found), '{"ca-cert.pem":"[redacted]","ca-key.pem":"[redacted]"}');
  for (const [other] of [text("other", data), text("cacerts", { "ca-key.pem": "?" })]) {
    t.is(other && readCaSecret(other), undefined);
  }
});

test("a bundle in a ConfigMap has a name of its own", (t) => {
  const map = (data: object) =>
    decodeYaml(
      JSON.stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "roots", namespace: "a" },
        data,
      }),
      [configMap],
    );
  t.like(map({ "ca.crt": certificate }).facts[0], {
    type: "credential",
    value: { name: "configmap://roots", namespace: "a", caCertificate: certificate },
  });
  t.deepEqual(map({ "ca.crt": "x" }).summary, [`error invalid-credential data["ca.crt"]`]);
  t.deepEqual(map({ other: "x", flag: true }).summary, []);
});
