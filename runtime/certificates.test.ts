import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { openAuthority } from "#ca";
import { defaultMeshConfig, resourceJson } from "#compiler";
import type { WorkloadIdentity } from "#identity";
import type { ClientNode, Peer } from "#xds-server";
import { AuthorityUnavailable, openCertificates } from "./certificates.ts";
import { createLogger } from "./log.ts";

const reviews: WorkloadIdentity = {
  trustDomain: "cluster.local",
  namespace: "default",
  serviceAccount: "reviews",
};
const ratings = { ...reviews, serviceAccount: "ratings" };
const address = "127.0.0.1:9";
// Who a peer is does not depend on what it says of itself.
const node = { id: "", metadata: {} } as unknown as ClientNode;

async function open(t: ExecutionContext) {
  const stateDir = mkdtempSync(join(tmpdir(), "fairlead-ca-"));
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  const lines: string[] = [];
  const log = createLogger("json", "debug", (line) => lines.push(line));
  const authority = await openCertificates({ stateDir, config: defaultMeshConfig, servingNames: [], log });
  t.teardown(() => authority.close());
  const other = await openAuthority({ stateDir, trustDomain: "cluster.local" });
  if (!other.ok) throw new Error("the state directory was just made");
  t.teardown(() => other.value.close());
  const token = async (identity: WorkloadIdentity) => {
    const minted = await other.value.mintToken(identity);
    if (!minted.ok) throw new Error(minted.problem.detail);
    return minted.value.token.reveal();
  };
  const chain = async (identity: WorkloadIdentity) => {
    const issued = await other.value.issue(identity);
    if (!issued.ok) throw new Error(issued.problem.detail);
    const [leaf = ""] = issued.value.certChainPem.split("-----END CERTIFICATE-----");
    return [Buffer.from(leaf.replace(/-----BEGIN CERTIFICATE-----/, ""), "base64")];
  };
  const ask = (peer: Omit<Peer, "address">) => authority.authenticate({ ...peer, address }, node);
  return { authority, stateDir, lines, token, chain, ask };
}

test("on the plaintext port everybody may connect and is nobody, whatever they show", async (t) => {
  const { ask, token } = await open(t);
  t.deepEqual(await ask({ encrypted: false }), { ok: true });
  t.deepEqual(await ask({ encrypted: false, bearerToken: await token(reviews) }), { ok: true });
});

test("on TLS a token or a certificate says who a peer is", async (t) => {
  const { ask, token, chain } = await open(t);
  t.deepEqual(await ask({ encrypted: true, bearerToken: await token(reviews) }), {
    ok: true,
    identity: reviews,
  });
  t.deepEqual(await ask({ encrypted: true, certificateChain: await chain(ratings) }), {
    ok: true,
    identity: ratings,
  });
});

test("a good token makes up for a bad certificate; two good ones must agree", async (t) => {
  const { ask, token, chain } = await open(t);
  const bearerToken = await token(reviews);
  t.like(await ask({ encrypted: true, bearerToken, certificateChain: [new Uint8Array([1])] }), {
    ok: true,
    identity: reviews,
  });
  t.like(await ask({ encrypted: true, bearerToken, certificateChain: await chain(reviews) }), { ok: true });
  t.like(await ask({ encrypted: true, bearerToken, certificateChain: await chain(ratings) }), {
    ok: false,
    code: "PERMISSION_DENIED",
  });
});

test("on TLS nobody in particular is refused, and told how to become somebody", async (t) => {
  const { ask } = await open(t);
  t.deepEqual(await ask({ encrypted: true }), {
    ok: false,
    code: "UNAUTHENTICATED",
    message:
      "neither a token nor a client certificate was presented (`fairlead bootstrap` writes an Envoy bootstrap with a token)",
  });
});

test("what is wrong with a token goes to the log and not to the peer; the token goes nowhere", async (t) => {
  const { ask, token, lines } = await open(t);
  const good = await token(reviews);
  const forged = `${good.slice(0, -4)}AAAA`;
  const answer = await ask({ encrypted: true, bearerToken: forged });
  t.like(answer, { ok: false, code: "UNAUTHENTICATED" });
  t.notRegex(JSON.stringify(answer), /signature/i);
  t.regex(lines.join(""), /signature/i);
  t.false(lines.join("").includes(forged.slice(-40)));
});

test("a workload's secrets are resources, the same objects until they are renewed", async (t) => {
  const { authority } = await open(t);
  const first = await authority.secretsFor(reviews, () => {});
  const second = await authority.secretsFor(reviews, () => {});
  t.deepEqual(
    first.current().map(({ name }) => name),
    ["default", "ROOTCA"],
  );
  for (const [index, resource] of first.current().entries()) {
    t.true(resource === first.current()[index]);
    t.true(resource === second.current()[index]);
    t.notRegex(JSON.stringify(resourceJson(resource)), /PRIVATE KEY/);
  }
  const stranger = await authority.secretsFor(ratings, () => {});
  t.false(stranger.current()[0] === first.current()[0]);
  t.true(stranger.current()[1] === first.current()[1]);
});

test("no secrets for an identity of another mesh", async (t) => {
  const { authority } = await open(t);
  const foreign = { ...reviews, trustDomain: "elsewhere.example" };
  await t.throwsAsync(() => authority.secretsFor(foreign, () => {}), { message: /trust domain/ });
});

test("the trust bundle is published beside the keys", async (t) => {
  const { authority, stateDir } = await open(t);
  t.is(await readFile(join(stateDir, "trust-bundle.pem"), "utf8"), authority.serving().clientRoots);
});

test("an operator's CA that is not there is an operator's problem, with what is missing", async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), "fairlead-ca-"));
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  const error = await t.throwsAsync(
    () =>
      openCertificates({
        stateDir,
        config: defaultMeshConfig,
        plugged: { kind: "directory", directory: join(stateDir, "cacerts") },
        servingNames: [],
        log: createLogger("json", "silent", () => {}),
      }),
    { instanceOf: AuthorityUnavailable },
  );
  t.regex(error?.message ?? "", /root-cert\.pem: .*\n.*ca-cert\.pem: .*\n.*ca-key\.pem: /);
});
