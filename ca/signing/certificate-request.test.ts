import test from "ava";
import { ecKeys, request, rsaKeys } from "../testing/foreign.ts";
import { accepted, refused, reviewsUri } from "../testing/world.ts";
import { proveRequest } from "./index.ts";

test("ok/ECDSA and RSA keys, with the names as claims", async (t) => {
  for (const keys of [ecKeys(), ecKeys("P-384"), ecKeys("P-521"), rsaKeys(2048)]) {
    const proven = accepted(proveRequest(await request([reviewsUri], keys)));
    t.deepEqual(proven.publicKey, keys.publicKey.export({ type: "spki", format: "der" }));
    t.deepEqual(proven.claimedNames, [{ kind: "uri", value: reviewsUri }]);
    t.is(proven.keyFamily, keys.publicKey.asymmetricKeyType === "rsa" ? "rsa" : "ec");
  }
});

test("fail/a request that another key signed", async (t) => {
  const stolen = await request([], ecKeys(), ecKeys());
  t.is(refused(proveRequest(stolen)).code, "csr-unproven");
  const mixed = await request([], rsaKeys(), ecKeys());
  t.is(refused(proveRequest(mixed)).code, "csr-unproven");
});

test("fail/signed with SHA-1", async (t) => {
  for (const keys of [ecKeys(), rsaKeys(2048)]) {
    t.is(refused(proveRequest(await request([], keys, keys, "SHA-1"))).code, "csr-unproven");
    t.true(proveRequest(await request([], keys, keys, "SHA-384")).ok);
  }
});

test("fail/weak keys and keys that Envoy does not take", async (t) => {
  const weak = refused(proveRequest(await request([], rsaKeys(1024))));
  t.is(weak.code, "csr-weak-key");
  t.is(weak.detail, "RSA with 1024 bits (wanted: 2048 to 8192)");
  // Made with `openssl req -new`: a P-224 key, and an Ed25519 one.
  for (const [pem, detail] of [
    [p224Request, /the curve secp224r1/],
    [ed25519Request, /the key type ed25519/],
  ] as const) {
    const problem = refused(proveRequest(pem));
    t.is(problem.code, "csr-weak-key");
    t.regex(problem.detail, detail);
  }
});

test("fail/what is not one request", async (t) => {
  const good = await request();
  const cases = {
    empty: "",
    text: "hello",
    "another label": good.replaceAll("CERTIFICATE REQUEST", "CERTIFICATE"),
    "two of them": good + good,
    "cut off": good.replace(/\n[^\n]+\n-----END/, "\n-----END"),
    "not DER": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
    long: `-----BEGIN CERTIFICATE REQUEST-----\n${"A".repeat(20_000)}\n-----END CERTIFICATE REQUEST-----\n`,
  };
  for (const [name, pem] of Object.entries(cases)) {
    t.is(refused(proveRequest(pem)).code, "csr-unreadable", name);
  }
});

test("fail/any changed bit is noticed", async (t) => {
  const pem = await request([reviewsUri]);
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
  for (let at = 0; at < der.length; at += 7) {
    const changed = Buffer.from(der);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    const bad = `-----BEGIN CERTIFICATE REQUEST-----\n${changed.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
    t.false(proveRequest(bad).ok, `byte ${at}`);
  }
});

const p224Request = `-----BEGIN CERTIFICATE REQUEST-----
MIGzMGMCAQAwDDEKMAgGA1UEAwwBdzBOMBAGByqGSM49AgEGBSuBBAAhAzoABHwz
OJhzyNov5eOrDj/ZBamypmc5RxYPkm22U5Loclri6J5a/CDhcXovohXf1+H4SWuf
0sXgS1mhoAAwCgYIKoZIzj0EAwIDQAAwPQIdAKrAZDmnI5UIqY5yFFiYGYyuJ2/A
odrv3bdDXwICHGNzNg18gAFMKxNkJAQpn6HTMtyRAlr+JCigCp8=
-----END CERTIFICATE REQUEST-----`;

const ed25519Request = `-----BEGIN CERTIFICATE REQUEST-----
MIGLMD8CAQAwDDEKMAgGA1UEAwwBdzAqMAUGAytlcAMhAAmpUPz5tQsF51CibkhY
OoX6h9zuVS36c/gYsh58lIotoAAwBQYDK2VwA0EAxX06W7QNSuMZByZM7TYliOZB
BoC7IRHIQ2AThjxjJoT8+PgD9UIQTIWa/JIwdLaOeTNuIc7MTnjzX2ra9KKkAg==
-----END CERTIFICATE REQUEST-----`;
