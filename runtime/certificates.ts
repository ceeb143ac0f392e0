// The certificate authority as the control plane needs it: who a peer is, and the secrets it may have as Envoy
// resources. Details of a refusal go to the log; the peer is told no more than what to do.

import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import {
  type AuthorityProblem,
  type Authority as CertificateAuthority,
  openAuthority,
  type PluggedIn,
  type Redacted,
  renderAuthorityProblem,
  type SecretEvent,
  type SecretLease,
  tlsCertificateSecret,
  validationSecret,
} from "#ca";
import type { EmittedResource, MeshConfig } from "#compiler";
import { formatIdentity, sameIdentity, type WorkloadIdentity } from "#identity";
import type { Authentication, Peer } from "#xds-server";
import type { Authority } from "./authority.ts";
import type { Logger } from "./log.ts";
import { publishTrustBundle } from "./trust-bundle.ts";

export interface CertificatesOptions {
  /** Where keys are kept; made when it does not exist. */
  readonly stateDir: string;
  readonly config: Pick<MeshConfig, "trustDomain" | "trustDomainAliases">;
  /** An operator's CA; absent: one of our own in the state directory. */
  readonly plugged?: PluggedIn;
  /** Further names under which proxies dial the TLS port. */
  readonly servingNames: readonly string[];
  readonly log: Logger;
}

/** Key material that cannot be used: the operator's to solve. The message names every problem, one per line. */
export class AuthorityUnavailable extends Error {
  readonly problems: readonly AuthorityProblem[];

  constructor(problems: readonly AuthorityProblem[]) {
    super(problems.map(renderAuthorityProblem).join("\n"));
    this.problems = problems;
  }
}

/** Throws `AuthorityUnavailable`. */
export async function openCertificates(options: CertificatesOptions): Promise<Authority> {
  const { stateDir, config, plugged, servingNames, log } = options;
  const { trustDomain, trustDomainAliases } = config;
  const opened = await openAuthority({ stateDir, plugged, trustDomain, trustDomainAliases, servingNames });
  if (!opened.ok) throw new AuthorityUnavailable(opened.problem);
  const ca = opened.value;
  for (const warning of ca.warnings) log.warn({ scope: "ca" }, renderAuthorityProblem(warning));
  log.info(
    { scope: "ca", trustDomain, until: new Date(ca.issuerNotAfter).toISOString() },
    plugged ? "certificate authority: plugged in" : `certificate authority: own root in ${stateDir}`,
  );
  await publishTrustBundle(stateDir, ca.trustBundlePem).catch((error: unknown) => {
    // Proxies that have their bootstraps do without it: no reason to leave them without a server.
    const detail = error instanceof Error ? error.message : String(error);
    log.error(
      { scope: "ca", detail },
      `cannot write the roots to ${stateDir}: \`fairlead bootstrap\` needs --ca`,
    );
  });
  logRenewals(ca, log);
  return {
    authenticate: (peer) => authenticate(ca, peer, log),
    secretsFor: (identity, onRenewed) => holdSecrets(ca, identity, onRenewed),
    expiry: { root: ca.rootNotAfter, chain: ca.issuerNotAfter },
    serving: () => {
      const { certChainPem, privateKeyPem } = ca.serving.current();
      return {
        certificateChain: certChainPem,
        privateKey: privateKeyPem.reveal(),
        clientRoots: ca.trustBundlePem,
      };
    },
    onServingChanged: (listener) => ca.serving.onRenewed(() => listener()),
    close: () => ca.close(),
  };
}

const howToProve = "`fairlead bootstrap` writes an Envoy bootstrap with a token";

/**
 * A peer on the plaintext port is nobody. On TLS it is whom its token or its certificate speaks for; one that is good is
 * enough, so that a proxy whose certificate has expired can still come back with its token.
 */
async function authenticate(ca: CertificateAuthority, peer: Peer, log: Logger): Promise<Authentication> {
  if (!peer.encrypted) return { ok: true };
  const claims: WorkloadIdentity[] = [];
  const refusals: string[] = [];
  if (peer.bearerToken !== undefined) {
    const verdict = await ca.verifyToken(peer.bearerToken);
    if (verdict.ok) claims.push(verdict.value.identity);
    else {
      refusals.push(verdict.problem.message);
      log.warn({ scope: "ca", peer: peer.address, detail: verdict.problem.detail }, verdict.problem.message);
    }
  }
  if (peer.certificateChain !== undefined) {
    const verdict = ca.identityFromCertificate(peer.certificateChain);
    if (verdict.ok) claims.push(verdict.value);
    else {
      refusals.push(verdict.problem.message);
      log.warn({ scope: "ca", peer: peer.address, detail: verdict.problem.detail }, verdict.problem.message);
    }
  }
  const [identity, other] = claims;
  if (identity && other && !sameIdentity(identity, other)) {
    const message = "the token and the client certificate speak for different workloads";
    return { ok: false, code: "PERMISSION_DENIED", message };
  }
  if (identity) return { ok: true, identity };
  const problem =
    refusals.length > 0 ? refusals.join("; ") : "neither a token nor a client certificate was presented";
  return { ok: false, code: "UNAUTHENTICATED", message: `${problem} (${howToProve})` };
}

async function holdSecrets(
  ca: CertificateAuthority,
  identity: WorkloadIdentity,
  onRenewed: () => void,
): ReturnType<Authority["secretsFor"]> {
  const held = await ca.secrets.hold(identity);
  if (!held.ok) throw new Error(`${held.problem.message}: ${held.problem.detail}`);
  const lease = held.value;
  const stop = ca.secrets.onEvent((event) => {
    if (event.kind === "renewed" && sameIdentity(event.identity, identity)) onRenewed();
  });
  const roots = trustBundleResource(ca);
  return {
    current: () => [workloadResource(lease), roots],
    release: () => {
      stop();
      lease.release();
    },
  };
}

const typeUrl = `type.googleapis.com/${SecretSchema.typeName}`;

// By key and by authority, so that the same certificate is the same resource to every stream that has it.
const workloadResources = new WeakMap<Redacted<string>, EmittedResource>();
const trustBundles = new WeakMap<CertificateAuthority, EmittedResource>();

function workloadResource(lease: SecretLease): EmittedResource {
  const { name, certChainPem, privateKeyPem } = lease.current();
  const known = workloadResources.get(privateKeyPem);
  if (known) return known;
  const message = tlsCertificateSecret(name, certChainPem, privateKeyPem);
  const made = { typeUrl, name, schema: SecretSchema, message, origins: [] };
  workloadResources.set(privateKeyPem, made);
  return made;
}

function trustBundleResource(ca: CertificateAuthority): EmittedResource {
  const known = trustBundles.get(ca);
  if (known) return known;
  const { name, trustBundlePem } = ca.secrets.trustBundle;
  const message = validationSecret(name, trustBundlePem);
  const made = { typeUrl, name, schema: SecretSchema, message, origins: [] };
  trustBundles.set(ca, made);
  return made;
}

function logRenewals(ca: CertificateAuthority, log: Logger): void {
  ca.secrets.onEvent((event) => logSecretEvent(event, log));
  ca.serving.onRenewed(({ notAfter }) =>
    log.info({ scope: "ca", until: new Date(notAfter).toISOString() }, "renewed the TLS port's certificate"),
  );
  ca.serving.onFailed(({ message, detail }) =>
    log.error({ scope: "ca", detail }, `cannot renew the TLS port's certificate: ${message}`),
  );
}

function logSecretEvent(event: SecretEvent, log: Logger): void {
  const identity = formatIdentity(event.identity);
  switch (event.kind) {
    case "renewed":
      log.info(
        { scope: "ca", identity, until: new Date(event.notAfter).toISOString() },
        "renewed a certificate",
      );
      return;
    case "renewal-failed": {
      const { message, detail } = event.refusal;
      log.error({ scope: "ca", identity, detail }, `cannot renew a certificate: ${message}`);
      return;
    }
  }
}
