import test from "ava";
import {
  caExtensions,
  ecKeys,
  type Foreign,
  foreign,
  foreignCa,
  in2027,
  names,
  rsaKeys,
} from "../testing/foreign.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
} from "../testing/library.ts";
import { accepted, refused, reviews, reviewsUri } from "../testing/world.ts";
import { type Certificate, readCertificates } from "../x509/index.ts";
import { identityFromCertificate } from "./index.ts";

const read = (...list: readonly Foreign[]): readonly Certificate[] =>
  list.flatMap(({ certPem }) => accepted(readCertificates(certPem)));
const der = (...list: readonly Foreign[]) => read(...list).map((certificate) => certificate.der);

async function world() {
  const root = await foreignCa({ subject: "CN=root" });
  const middle = await foreignCa({ subject: "CN=middle", issuer: root });
  const trust = { roots: read(root), trustDomains: ["cluster.local", "old.domain"], now: in2027 };
  return { root, middle, trust };
}

test("ok/signed by the root, through an intermediate, and with the root sent along", async (t) => {
  const { root, middle, trust } = await world();
  const direct = await foreign({ issuer: root, extensions: [names(reviewsUri)] });
  const deep = await foreign({ issuer: middle, extensions: [names(reviewsUri)] });
  for (const chain of [der(direct), der(deep, middle), der(deep, root, middle)]) {
    t.deepEqual(accepted(identityFromCertificate(chain, trust)), reviews);
  }
});

test("ok/a trust domain alias, other kinds of names beside the one URI, RSA", async (t) => {
  const { root, trust } = await world();
  const leaf = await foreign({
    issuer: root,
    keys: rsaKeys(),
    extensions: [
      names("spiffe://old.domain/ns/default/sa/bookinfo-reviews", { type: "dns", value: "reviews" }),
    ],
  });
  t.deepEqual(accepted(identityFromCertificate(der(leaf), trust)), { ...reviews, trustDomain: "old.domain" });
});

test("fail/self-signed with a spoofed name", async (t) => {
  const { trust, root } = await world();
  const spoofed = await foreign({ extensions: [names(reviewsUri)] });
  t.regex(refused(identityFromCertificate(der(spoofed), trust)).detail, /no issuer/);
  t.false(identityFromCertificate(der(spoofed, root), trust).ok, "sending our root along does not help");
});

test("fail/signed by somebody who calls himself our root", async (t) => {
  const { trust } = await world();
  const impostor = await foreignCa({ subject: "CN=root" });
  const leaf = await foreign({ issuer: impostor, extensions: [names(reviewsUri)] });
  t.false(identityFromCertificate(der(leaf, impostor), trust).ok);
});

test("fail/signed by a workload's certificate", async (t) => {
  const { root, trust } = await world();
  const workload = await foreign({ subject: "CN=w", issuer: root, extensions: [names(reviewsUri)] });
  const admin = names("spiffe://cluster.local/ns/kube-system/sa/admin");
  const leaf = await foreign({ issuer: workload, extensions: [admin] });
  t.regex(refused(identityFromCertificate(der(leaf, workload), trust)).detail, /not a CA certificate/);
});

test("fail/below a CA that allows no CA below it", async (t) => {
  const root = await foreignCa({ subject: "CN=root", extensions: caExtensions(0) });
  const middle = await foreignCa({ subject: "CN=middle", issuer: root });
  const leaf = await foreign({ issuer: middle, extensions: [names(reviewsUri)] });
  const trust = { roots: read(root), trustDomains: ["cluster.local"], now: in2027 };
  t.regex(refused(identityFromCertificate(der(leaf, middle), trust)).detail, /pathlen/);
});

test("fail/before, and after, its time or its issuer's", async (t) => {
  const { root, trust } = await world();
  const early = await foreign({
    issuer: root,
    extensions: [names(reviewsUri)],
    notBefore: "2027-01-01T00:00:01Z",
  });
  t.regex(refused(identityFromCertificate(der(early), trust)).detail, /not valid before/);
  const late = await foreign({
    issuer: root,
    extensions: [names(reviewsUri)],
    notAfter: "2026-12-31T23:59:59Z",
  });
  t.regex(refused(identityFromCertificate(der(late), trust)).detail, /expired/);
  const middle = await foreignCa({ subject: "CN=m", issuer: root, notAfter: "2026-12-31T23:59:59Z" });
  const leaf = await foreign({ issuer: middle, extensions: [names(reviewsUri)] });
  t.regex(refused(identityFromCertificate(der(leaf, middle), trust)).detail, /expired/);
});

test("fail/names: none, two, no workload, another trust domain, a NUL in it", async (t) => {
  const { root, trust } = await world();
  const cases = [
    [],
    [names({ type: "dns", value: "reviews" })],
    [names(reviewsUri, "spiffe://cluster.local/ns/kube-system/sa/admin")],
    [names(reviewsUri, reviewsUri)],
    [names("spiffe://cluster.local/reviews")],
    [names("https://cluster.local/ns/default/sa/bookinfo-reviews")],
    [names("spiffe://evil/ns/default/sa/bookinfo-reviews")],
    [names(`${reviewsUri}\0.example.com`)],
  ];
  for (const extensions of cases) {
    const leaf = await foreign({ issuer: root, extensions });
    t.is(refused(identityFromCertificate(der(leaf), trust)).code, "certificate-refused");
  }
});

test("fail/purposes: a server's certificate, a CA's, one whose key may not sign, an unknown critical extension", async (t) => {
  const { root, trust } = await world();
  const cases = {
    clientAuth: [new ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1"])],
    "CA certificate": [new BasicConstraintsExtension(true, 0, true)],
    digitalSignature: [new KeyUsagesExtension(KeyUsageFlags.keyEncipherment)],
    "critical extension 1.2.3.4": [new Extension("1.2.3.4", true, new Uint8Array([5, 0]))],
  };
  for (const [detail, extensions] of Object.entries(cases)) {
    const leaf = await foreign({ issuer: root, extensions: [names(reviewsUri), ...extensions] });
    const problem = refused(identityFromCertificate(der(leaf), trust));
    t.true(problem.detail.includes(detail), problem.detail);
    t.is(problem.message, "the client certificate was not accepted");
  }
});

test("fail/weak: RSA with 1024 bits, a SHA-1 signature", async (t) => {
  const { root, trust } = await world();
  const small = await foreign({ issuer: root, keys: rsaKeys(1024), extensions: [names(reviewsUri)] });
  t.regex(refused(identityFromCertificate(der(small), trust)).detail, /1024 bits/);
  const sha1 = await foreign({ issuer: root, hash: "SHA-1", extensions: [names(reviewsUri)] });
  t.regex(refused(identityFromCertificate(der(sha1), trust)).detail, /too weak/);
});

test("fail/no chain, rubbish, a chain too long, bytes after the certificate", async (t) => {
  const { root, trust } = await world();
  const leaf = await foreign({ issuer: root, extensions: [names(reviewsUri)] });
  const [good = new Uint8Array()] = der(leaf);
  for (const chain of [
    [],
    [new Uint8Array([1, 2, 3])],
    Array(11).fill(good),
    [Buffer.concat([good, Buffer.from([0])])],
  ]) {
    t.is(refused(identityFromCertificate(chain, trust)).code, "certificate-refused");
  }
});

test("fail/look-alike issuers that sign each other cost little time", async (t) => {
  const { trust } = await world();
  const keys = ecKeys();
  const ring: Foreign[] = [];
  for (let n = 0; n < 9; n++) ring.push(await foreignCa({ subject: "CN=ring", keys }));
  const leaf = await foreign({ issuer: ring[0] as Foreign, extensions: [names(reviewsUri)] });
  const chain = der(leaf, ...ring);
  const began = performance.now();
  t.false(identityFromCertificate(chain, trust).ok);
  t.true(performance.now() - began < 1000);
});
