// The certificate of Fairlead's own TLS port. In: an issuer and the names clients may dial. Out: a keyed certificate
// for a server, and for nothing else.

import { isIP } from "node:net";
import { planValidity, serialNumberFrom } from "../issuance/index.ts";
import { accept, type Outcome } from "../outcome.ts";
import type { Refusal } from "../refusal.ts";
import { ExtendedKeyUsage } from "../x509/index.ts";
import { signLeaf } from "./certificate-profile.ts";
import { type KeyedCertificate, makeKeys, type SigningContext } from "./workload.ts";

/** Names under which a proxy may dial us without being told: this machine, our own name, and istiod's in a cluster. */
export const servingNames: readonly string[] = [
  "localhost",
  "127.0.0.1",
  "::1",
  "fairlead",
  "istiod.istio-system.svc",
];

/** Issues it for `servingNames` and `extraNames` (host names or IP addresses, each once whatever the input repeats). */
export async function issueServingCertificate(
  { issuer, policy, clock, entropy }: SigningContext,
  extraNames: readonly string[],
): Promise<Outcome<KeyedCertificate, Refusal>> {
  const validity = planValidity(undefined, clock(), { policy, window: issuer.window });
  if (!validity.ok) return validity;
  const keys = await makeKeys();
  const serialNumber = serialNumberFrom(entropy(16));
  const names = [...new Set([...servingNames, ...extraNames])].map((value) => ({
    type: isIP(value) ? ("ip" as const) : ("dns" as const),
    value,
  }));
  const certChainPem = await signLeaf(issuer, {
    publicKey: keys.publicKey,
    keyFamily: "ec",
    serialNumber,
    validity: validity.value,
    names,
    purposes: [ExtendedKeyUsage.serverAuth],
  });
  return accept({ certChainPem, serialNumber, ...validity.value, privateKeyPem: keys.privateKeyPem });
}
