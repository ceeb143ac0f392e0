// Certificates from files that a client shows to servers, or verifies them by, on connections that policy secures.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { ClientTls, DestinationPolicy } from "../model/destination.ts";
import { credentialSecret } from "../model/names.ts";
import type { Credential } from "../model/security.ts";
import { type Caller, sendsCredentials } from "./caller.ts";
import type { SecretPlan } from "./plan/index.ts";
import type { EffectiveTraffic } from "./traffic-policy.ts";

/**
 * `missing`: not all that the policy names can be sent. A cluster that waits for a secret for ever would keep the whole
 * proxy from starting.
 */
export interface ClientCredentials {
  readonly state: "none" | "complete" | "missing";
  readonly secrets: readonly SecretPlan[];
}

/** Of a policy that names none. */
export const noCredentials: ClientCredentials = { state: "none", secrets: [] };
const missing: ClientCredentials = { state: "missing", secrets: [] };

/** Where the credential does not count, TLS goes on with what is there without it, and never becomes plain text. */
export function withUsableCredential(
  traffic: EffectiveTraffic,
  policy: DestinationPolicy | undefined,
  { type }: Caller,
): EffectiveTraffic {
  if (!policy || !traffic.tls || sendsCredentials(policy, type)) return traffic;
  const { credentialName: _, ...tls } = traffic.tls;
  return { ...traffic, tls };
}

/** Credentials are those of the client's namespace. Without an identity no key may be sent to it. */
export function clientCredentials(mesh: Mesh, client: Caller, tls: ClientTls | undefined): ClientCredentials {
  const name = tls?.credentialName;
  if (!tls || name === undefined || (tls.mode !== "simple" && tls.mode !== "mutual")) return noCredentials;
  if (!client.hasIdentity) return missing;
  const secrets: SecretPlan[] = [];
  if (tls.mode === "mutual") {
    const credential = mesh.credentials.get(`${client.namespace}/${name}`);
    if (!credential?.certificate || !credential.privateKey) return missing;
    secrets.push(planSecret(name, "certificate", credential, tls));
  }
  if (!tls.insecureSkipVerify) {
    const credential = caCredential(mesh, client.namespace, [`${name}-cacert`, name]);
    if (!credential) return missing;
    secrets.push(planSecret(name, "ca", credential, tls));
  }
  return { state: "complete", secrets };
}

/** The first of these credentials that holds a CA. */
function caCredential(mesh: Mesh, namespace: string, names: readonly string[]): Credential | undefined {
  return names
    .map((name) => mesh.credentials.get(`${namespace}/${name}`))
    .find((credential) => credential?.caCertificate);
}

function planSecret(
  name: string,
  part: SecretPlan["part"],
  credential: Credential,
  { origin }: ClientTls,
): SecretPlan {
  return {
    name: credentialSecret({ name, part }),
    part,
    credential,
    origins: [credential.origin, origin],
  };
}
