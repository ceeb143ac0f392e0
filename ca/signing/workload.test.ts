import { createPrivateKey, X509Certificate as NativeCertificate } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { defaultPolicy } from "../issuance/index.ts";
import { buildIssuer } from "../root/index.ts";
import { Redacted } from "../secrets/index.ts";
import {
  caExtensions,
  ecKeys,
  type Foreign,
  foreign,
  foreignCa,
  in2027,
  request,
  rsaKeys,
} from "../testing/foreign.ts";
import { X509Certificate } from "../testing/library.ts";
import { accepted, refused, reviews, reviewsUri } from "../testing/world.ts";
import { readCertificates } from "../x509/index.ts";
import { issueServingCertificate, issueWorkloadCertificate, type SigningContext, signCsr } from "./index.ts";

function contextOf(ca: Foreign, root: Foreign = ca): SigningContext {
  const material = {
    root: { where: "root", text: root.certPem },
    certificate: { where: "ca", text: ca.certPem },
    chain: undefined,
    key: { where: "key", text: new Redacted(ca.keyPem) },
  };
  return {
    issuer: accepted(buildIssuer(material, in2027)),
    policy: defaultPolicy,
    trustDomains: ["cluster.local"],
    clock: () => in2027,
    entropy: (length) => crypto.getRandomValues(new Uint8Array(length)),
  };
}

function leafOf(certChainPem: string) {
  const [leaf] = accepted(readCertificates(certChainPem));
  if (!leaf) throw new Error("no certificate");
  return leaf;
}

const issuers = {
  "ECDSA P-256": ecKeys(),
  "ECDSA P-384": ecKeys("P-384"),
  "ECDSA P-521": ecKeys("P-521"),
  "RSA 2048": rsaKeys(2048),
};
for (const [name, keys] of Object.entries(issuers)) {
  test(`ok/issued by ${name}: the shape of a workload certificate`, async (t) => {
    const ca = await foreignCa({ keys });
    const issued = accepted(await issueWorkloadCertificate(contextOf(ca), reviews));
    const leaf = leafOf(issued.certChainPem);
    t.true(leaf.native.verify(keys.publicKey));
    t.true(leaf.native.checkIssued(new NativeCertificate(ca.certPem)));
    t.is(leaf.native.subjectAltName, `URI:${reviewsUri}`);
    t.is(leaf.subject, "");
    t.true(
      new X509Certificate(leaf.der).getExtension("2.5.29.17")?.critical,
      "the subject is empty, so the names are critical",
    );
    t.false(leaf.ca);
    t.deepEqual(leaf.extendedKeyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    t.is(leaf.keyUsage, 1, "digitalSignature alone");
    t.is(leaf.native.serialNumber.toLowerCase(), issued.serialNumber);
    t.is(leaf.notBefore, in2027 - 120_000);
    t.is(leaf.notAfter, in2027 + 24 * 3600_000);
    t.deepEqual([leaf.notBefore, leaf.notAfter], [issued.notBefore, issued.notAfter]);
    t.is(issued.renewAt, in2027 + 12 * 3600_000);
    t.true(leaf.native.checkPrivateKey(createPrivateKey(issued.privateKeyPem.reveal())));
    t.regex(issued.privateKeyPem.reveal(), /^-----BEGIN PRIVATE KEY-----/);
  });
}

test("ok/the chain goes up to the root and leaves the root out", async (t) => {
  const root = await foreignCa({ subject: "CN=root" });
  const middle = await foreignCa({ subject: "CN=middle", issuer: root });
  const issued = accepted(await issueWorkloadCertificate(contextOf(middle, root), reviews));
  const chain = accepted(readCertificates(issued.certChainPem));
  t.deepEqual(
    chain.map(({ subject }) => subject),
    ["", "CN=middle"],
  );
});

test("ok/a request: its key, our names; key encipherment for RSA only", async (t) => {
  const context = contextOf(await foreignCa());
  for (const [keys, usage] of [
    [ecKeys(), 1],
    [rsaKeys(), 5],
  ] as const) {
    const issued = accepted(await signCsr(context, await request([reviewsUri], keys), reviews, 3600_000));
    const leaf = leafOf(issued.certChainPem);
    t.true(leaf.publicKey.equals(keys.publicKey));
    t.is(leaf.native.subjectAltName, `URI:${reviewsUri}`);
    t.is(leaf.subject, "", "the request's own subject is not repeated");
    t.is(leaf.keyUsage, usage);
    t.is(leaf.notAfter, in2027 + 3600_000);
  }
});

test("fail/a request for somebody else's name, or for one name more", async (t) => {
  const context = contextOf(await foreignCa());
  const other = "spiffe://cluster.local/ns/kube-system/sa/admin";
  for (const claimed of [[other], [reviewsUri, other], [reviewsUri, { type: "dns", value: "x" } as const]]) {
    const problem = refused(await signCsr(context, await request(claimed), reviews));
    t.is(problem.code, "csr-names-mismatch");
    t.false(problem.message.includes("admin"), "the peer is told a constant sentence");
  }
});

test("fail/an identity of another trust domain", async (t) => {
  const context = contextOf(await foreignCa());
  const identity = { ...reviews, trustDomain: "evil" };
  t.is(refused(await issueWorkloadCertificate(context, identity)).code, "foreign-trust-domain");
  t.is(refused(await signCsr(context, await request(), identity)).code, "foreign-trust-domain");
});

test("property/whatever the request claims, the only name is the authenticated identity", async (t) => {
  const context = contextOf(await foreignCa());
  const keys = ecKeys();
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
  const claim = fc.oneof(
    fc.constant({ type: "url" as const, value: reviewsUri }),
    fc
      .tuple(name, name, name)
      .map(([td, ns, sa]) => ({ type: "url" as const, value: `spiffe://${td}/ns/${ns}/sa/${sa}` })),
    name.map((value) => ({ type: "dns" as const, value })),
    fc.ipV4().map((value) => ({ type: "ip" as const, value })),
    name.map((value) => ({ type: "email" as const, value: `${value}@example.com` })),
  );
  const identity = fc
    .tuple(name, name)
    .map(([namespace, serviceAccount]) => ({ trustDomain: "cluster.local", namespace, serviceAccount }));
  let issuedOnes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(claim, { maxLength: 3 }),
      fc.oneof(fc.constant(reviews), identity),
      async (claims, who) => {
        const outcome = await signCsr(context, await request(claims, keys), who);
        const own = `spiffe://cluster.local/ns/${who.namespace}/sa/${who.serviceAccount}`;
        const onlyOwn = claims.every(({ type, value }) => type === "url" && value === own);
        if (!outcome.ok) return !onlyOwn && outcome.problem.code === "csr-names-mismatch";
        issuedOnes += 1;
        return onlyOwn && leafOf(outcome.value.certChainPem).native.subjectAltName === `URI:${own}`;
      },
    ),
    { numRuns: 150 },
  );
  t.true(issuedOnes > 10, `${issuedOnes} were issued`);
});

test("ok/the TLS port's certificate: for servers only, every name once", async (t) => {
  const context = contextOf(await foreignCa());
  const extra = ["xds.example.com", "192.0.2.7", "2001:db8::7", "localhost"];
  const leaf = leafOf(accepted(await issueServingCertificate(context, extra)).certChainPem);
  t.deepEqual(leaf.extendedKeyUsage, ["1.3.6.1.5.5.7.3.1"]);
  for (const host of ["localhost", "fairlead", "istiod.istio-system.svc", "xds.example.com"]) {
    t.is(leaf.native.checkHost(host), host);
  }
  for (const ip of ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7"]) t.is(leaf.native.checkIP(ip), ip);
  t.is(leaf.native.subjectAltName?.split(", ").length, 8);
});

test("ok/the issuer's name is repeated byte for byte, whatever string type it is in", async (t) => {
  const ca = await foreign({
    subject: "CN=Zürich CA, O=\\#x",
    extensions: caExtensions(),
  });
  const issued = accepted(await issueWorkloadCertificate(contextOf(ca), reviews));
  t.true(leafOf(issued.certChainPem).native.checkIssued(new NativeCertificate(ca.certPem)));
});
