// The certificate of Fairlead's own TLS port. In: an issuer and the names clients may dial. Out: a keyed certificate
// for a server, and for nothing else.

import { isIP, isIPv4 } from "node:net";
import { planValidity, serialNumberFrom } from "../issuance/index.ts";
import { makeKeys } from "../key-pair.ts";
import { accept, type Outcome } from "../outcome.ts";
import type { Refusal } from "../refusal.ts";
import { type AlternativeName, NameKind, Purpose } from "../x509/index.ts";
import { signLeaf } from "./certificate-profile.ts";
import type { KeyedCertificate, SigningContext } from "./workload.ts";

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
  const names = [...new Set([...servingNames, ...extraNames])].map(alternativeName);
  const certChainPem = await signLeaf(issuer, {
    publicKey: keys.publicKey,
    keyFamily: "ec",
    serialNumber,
    validity: validity.value,
    names,
    purposes: [Purpose.serverAuth],
  });
  return accept({ certChainPem, serialNumber, ...validity.value, privateKeyPem: keys.privateKeyPem });
}

function alternativeName(name: string): AlternativeName {
  return isIP(name)
    ? { kind: NameKind.ip, bytes: addressBytes(name) }
    : { kind: NameKind.dns, bytes: Buffer.from(name, "latin1") };
}

/** 4 or 16 bytes in network order (RFC 5280 4.2.1.6). */
function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  const [withoutZone] = address.split("%");
  // A URL writes every form of an IPv6 address as at most eight groups, of which one run of zeros may be left out.
  const [head = "", tail] = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1).split("::");
  const [left, right] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const groups = [
    ...(left ?? []),
    ...Array(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill("0"),
    ...(right ?? []),
  ];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}
