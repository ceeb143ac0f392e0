import { inspect } from "node:util";
import { fromBinary, toBinary, toJsonString } from "@bufbuild/protobuf";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import test from "ava";
import { someOrigin } from "../../../test/envoy/plans.ts";
import type { SecretPlan } from "../../4-view/plan/index.ts";
import { Redacted } from "../../model/security.ts";
import { emitSecret, redactSecret } from "./index.ts";

const key = "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n";
const plan: SecretPlan = {
  name: "kubernetes://shop",
  part: "certificate",
  credential: {
    name: "shop",
    namespace: "edge",
    certificate: "CERT",
    privateKey: new Redacted(key),
    caCertificate: "CA",
    crl: "CRL",
    lifetimes: [],
    origin: someOrigin,
  },
  origins: [someOrigin],
};

test("the bytes for Envoy carry certificate and key", (t) => {
  const { message } = emitSecret(plan);
  const decoded = fromBinary(SecretSchema, toBinary(SecretSchema, message as never));
  t.is(decoded.name, "kubernetes://shop");
  t.is(decoded.type.case, "tlsCertificate");
  if (decoded.type.case !== "tlsCertificate") return;
  t.deepEqual(decoded.type.value.certificateChain?.specifier, { case: "inlineString", value: "CERT" });
  t.deepEqual(decoded.type.value.privateKey?.specifier, { case: "inlineString", value: key });
});

test("the CA part has the bundle and the revocation list, and no key", (t) => {
  const { message } = emitSecret({ ...plan, part: "ca" });
  const json = toJsonString(SecretSchema, message as never);
  t.true(json.includes('"trustedCa":{"inlineString":"CA"}'), json);
  t.true(json.includes('"crl":{"inlineString":"CRL"}'), json);
  t.false(json.includes("MIGH"));
});

test("no usual way of printing shows the key", (t) => {
  const resource = emitSecret(plan);
  for (const text of [
    JSON.stringify(resource.message, bigints),
    inspect(resource, { depth: 9 }),
    String(resource),
  ]) {
    t.false(text.includes("MIGH"), text);
  }
  const printed = toJsonString(SecretSchema, redactSecret(resource.message) as never);
  t.false(printed.includes("MIGH"));
  t.true(printed.includes("[redacted]") && printed.includes("CERT"), printed);
});

test("redacting leaves the message that goes to Envoy alone", (t) => {
  const { message } = emitSecret(plan);
  redactSecret(message);
  t.true(Buffer.from(toBinary(SecretSchema, message as never)).includes("MIGH"));
});

function bigints(_key: string, value: unknown) {
  return typeof value === "bigint" ? String(value) : value;
}
