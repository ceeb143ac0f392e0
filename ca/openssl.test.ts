import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { foreignCa, request } from "./testing/foreign.ts";
import { accepted, authority, freshDirectory, reviews, reviewsUri } from "./testing/world.ts";

// A second opinion by another implementation's strictest mode; the machine may not have it.
const present = spawnSync("openssl", ["version"]).status === 0;
const withOpenssl = present ? test : test.skip;

function verify(bundle: string, chain: string, purpose: string): string {
  const directory = freshDirectory();
  writeFileSync(join(directory, "bundle.pem"), bundle);
  writeFileSync(join(directory, "chain.pem"), chain);
  const args = [
    "verify",
    "-x509_strict",
    "-purpose",
    purpose,
    "-CAfile",
    "bundle.pem",
    "-untrusted",
    "chain.pem",
  ];
  return execFileSync("openssl", [...args, "chain.pem"], { cwd: directory, encoding: "utf8" }).trim();
}

function text(certificate: string): string {
  return execFileSync("openssl", ["x509", "-noout", "-text"], { input: certificate, encoding: "utf8" });
}

withOpenssl("ok/openssl verify -x509_strict: self-signed root, workload and port", async (t) => {
  const ca = await authority();
  const { certChainPem } = accepted(await ca.issue(reviews));
  for (const purpose of ["sslserver", "sslclient"])
    t.is(verify(ca.trustBundlePem, certChainPem, purpose), "chain.pem: OK");
  t.is(verify(ca.trustBundlePem, ca.serving.current().certChainPem, "sslserver"), "chain.pem: OK");
  t.throws(() => verify(ca.trustBundlePem, ca.serving.current().certChainPem, "sslclient"));
  ca.close();
});

withOpenssl("ok/openssl reads what we meant", async (t) => {
  const ca = await authority();
  const { certChainPem } = accepted(await ca.signCsr(await request([reviewsUri]), reviews));
  const shown = text(certChainPem);
  t.regex(
    shown,
    /Subject Alternative Name: critical\n\s+URI:spiffe:\/\/cluster\.local\/ns\/default\/sa\/bookinfo-reviews\n/,
  );
  t.regex(shown, /Basic Constraints: critical\n\s+CA:FALSE\n/);
  t.regex(shown, /Key Usage: critical\n\s+Digital Signature\n/);
  t.regex(shown, /TLS Web Server Authentication, TLS Web Client Authentication\n/);
  t.regex(shown, /Subject:\s*\n/);
  t.regex(text(ca.trustBundlePem), /CA:TRUE, pathlen:0\n/);
  ca.close();
});

withOpenssl("ok/openssl's own requests and CA, key formats included", async (t) => {
  const directory = freshDirectory();
  const run = (command: string) =>
    execFileSync("sh", ["-ec", command], { cwd: directory, encoding: "utf8", stdio: "pipe" });
  run(`openssl genrsa -traditional -out ca-key.pem 2048
       openssl req -x509 -key ca-key.pem -subj "/O=Example, Inc./CN=ünicode" -utf8 -days 30 -addext keyUsage=critical,keyCertSign -out root-cert.pem
       cp root-cert.pem ca-cert.pem`);
  const ca = await authority({ plugged: { kind: "directory", directory } });
  const csr = run("openssl req -new -newkey rsa:2048 -nodes -keyout /dev/null -subj / ");
  const { certChainPem } = accepted(await ca.signCsr(csr, reviews));
  t.is(verify(ca.trustBundlePem, certChainPem, "sslserver"), "chain.pem: OK");
  t.regex(text(certChainPem), /Key Usage: critical\n\s+Digital Signature, Key Encipherment\n/);
  ca.close();
});

withOpenssl("ok/an intermediate: the chain openssl needs is the chain we send", async (t) => {
  const root = await foreignCa({ subject: "CN=root" });
  const middle = await foreignCa({ subject: "CN=middle", issuer: root });
  const data = {
    "root-cert.pem": Buffer.from(root.certPem),
    "ca-cert.pem": Buffer.from(middle.certPem),
    "ca-key.pem": Buffer.from(middle.keyPem),
  };
  const ca = await authority({ plugged: { kind: "secret", name: "istio-system/cacerts", data } });
  const { certChainPem } = accepted(await ca.issue(reviews));
  const directory = freshDirectory();
  writeFileSync(join(directory, "root.pem"), ca.trustBundlePem);
  writeFileSync(join(directory, "chain.pem"), certChainPem);
  const args = ["verify", "-CAfile", "root.pem", "-untrusted", "chain.pem", "chain.pem"];
  t.is(execFileSync("openssl", args, { cwd: directory, encoding: "utf8" }).trim(), "chain.pem: OK");
  ca.close();
});
