import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { foreignCa, in2027 } from "../testing/foreign.ts";
import { accepted, freshDirectory, refused } from "../testing/world.ts";
import { openPluggedIn } from "./index.ts";

async function pieces() {
  const root = await foreignCa({ subject: "CN=root" });
  const upper = await foreignCa({ subject: "CN=upper", issuer: root });
  const lower = await foreignCa({ subject: "CN=lower", issuer: upper });
  return {
    "root-cert.pem": root.certPem,
    "ca-cert.pem": lower.certPem,
    "ca-key.pem": lower.keyPem,
    "cert-chain.pem": lower.certPem + upper.certPem + root.certPem,
  };
}

function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = freshDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const mapped = (files: Readonly<Record<string, string>>, by: (text: string) => string | Uint8Array) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, by(text)]));

test("ok/a directory, named files, a Secret in base64 and one in bytes give the same issuer", async (t) => {
  const files = await pieces();
  const directory = directoryOf(files);
  const at = (name: string) => join(directory, name);
  const paths = {
    root: at("root-cert.pem"),
    certificate: at("ca-cert.pem"),
    key: at("ca-key.pem"),
    chain: at("cert-chain.pem"),
  };
  const all = [
    await openPluggedIn({ kind: "directory", directory }, in2027),
    await openPluggedIn({ kind: "files", paths }, in2027),
    await openPluggedIn(
      { kind: "secret", name: "istio-system/cacerts", data: mapped(files, base64) },
      in2027,
    ),
    await openPluggedIn(
      { kind: "secret", name: "istio-system/cacerts", data: mapped(files, (text) => Buffer.from(text)) },
      in2027,
    ),
  ].map((issuer) => accepted(issuer));
  for (const issuer of all) t.is(issuer.trustBundlePem, files["root-cert.pem"]);
  t.is(new Set(all.map(({ chainPem }) => chainPem)).size, 1);
});

test("ok/a Secret of type kubernetes.io/tls, as cert-manager writes it", async (t) => {
  const files = await pieces();
  const data = mapped(
    { "ca.crt": files["root-cert.pem"], "tls.crt": files["cert-chain.pem"], "tls.key": files["ca-key.pem"] },
    base64,
  );
  const issuer = accepted(
    await openPluggedIn({ kind: "secret", name: "istio-system/cacerts", data }, in2027),
  );
  t.is(issuer.certificate.pem, files["ca-cert.pem"]);
});

test("ok/without a chain file where the root signed the CA", async (t) => {
  const root = await foreignCa({ subject: "CN=root" });
  const ca = await foreignCa({ subject: "CN=ca", issuer: root });
  const directory = directoryOf({
    "root-cert.pem": root.certPem,
    "ca-cert.pem": ca.certPem,
    "ca-key.pem": ca.keyPem,
  });
  t.is(accepted(await openPluggedIn({ kind: "directory", directory }, in2027)).chainPem, ca.certPem);
});

test("fail/every missing file is named", async (t) => {
  const directory = directoryOf({ "ca-cert.pem": "x" });
  const problems = refused(await openPluggedIn({ kind: "directory", directory }, in2027));
  t.deepEqual(
    problems.map(({ code, where }) => [code, where]),
    [
      ["missing", join(directory, "root-cert.pem")],
      ["missing", join(directory, "ca-key.pem")],
    ],
  );
});

test("fail/a Secret without its keys, one with something else in them", async (t) => {
  const open = (data: Record<string, string>) =>
    openPluggedIn({ kind: "secret", name: "istio-system/cacerts", data }, in2027);
  t.deepEqual(
    refused(await open({})).map(({ where }) => where),
    ["root-cert.pem", "ca-cert.pem", "ca-key.pem"].map((key) => `Secret istio-system/cacerts, key ${key}`),
  );
  const files = await pieces();
  const [problem] = refused(
    await open({ ...mapped(files, base64), "ca-key.pem": "!!!" } as Record<string, string>),
  );
  t.deepEqual([problem?.where, problem?.code], ["Secret istio-system/cacerts, key ca-key.pem", "malformed"]);
});
