// A root of our own. In: a trust domain, the time and random bytes, or a state directory that may hold one already.
// Out: the issuer. What is there is never replaced.

import { serialNumberFrom } from "../issuance/index.ts";
import { makeKeys } from "../key-pair.ts";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { Redacted } from "../secrets/redacted.ts";
import {
  basicConstraints,
  distinguishedName,
  KeyUsage,
  keyIdOf,
  keyUsage,
  subjectKeyIdentifier,
  writeCertificate,
} from "../x509/index.ts";
import type { AuthorityProblem } from "./authority-problem.ts";
import { buildIssuer, type Issuer } from "./issuer.ts";
import { readSigningKey } from "./private-key.ts";
import { loadOrCreate } from "./state-folder.ts";

const certificateFile = "root-cert.pem";
const keyFile = "root-key.pem";
const folder = "ca";

const tenYearsMs = 3652 * 24 * 60 * 60 * 1000;

/** What a new root is made from. `entropy`: at least 16 bytes. */
export interface RootWish {
  readonly trustDomain: string;
  readonly now: number;
  /** The root begins this long before now: what it signs cannot begin earlier. */
  readonly backdateMs: number;
  readonly entropy: Uint8Array;
}

/** A root as it lies on disk. */
export interface RootPem {
  readonly certPem: string;
  readonly keyPem: Redacted<string>;
}

/** An ECDSA P-256 root, valid for ten years, that allows no CA below it. */
export async function makeRoot(wish: RootWish): Promise<RootPem> {
  const { publicKey, privateKeyPem } = await makeKeys();
  const key = readSigningKey(privateKeyPem.reveal());
  if (!key.ok) throw new Error(`a new key: ${key.problem}`);
  const name = distinguishedName(wish.trustDomain, "Fairlead root CA");
  const certPem = await writeCertificate(
    {
      serialNumber: serialNumberFrom(wish.entropy),
      issuer: name,
      subject: name,
      notBefore: wish.now - wish.backdateMs,
      notAfter: wish.now + tenYearsMs,
      publicKey,
      extensions: [
        basicConstraints(true, 0),
        keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign),
        subjectKeyIdentifier(keyIdOf(publicKey)),
      ],
    },
    key.value,
  );
  return { certPem, keyPem: privateKeyPem };
}

/** The root in `<stateDir>/ca/`, made there the first time; without a state directory one that lives in memory only. */
export async function openSelfSigned(
  stateDir: string | undefined,
  wish: RootWish,
): Promise<Outcome<Issuer, readonly AuthorityProblem[]>> {
  if (stateDir === undefined) {
    const { certPem, keyPem } = await makeRoot(wish);
    return issuerOf("memory", certPem, keyPem, wish.now);
  }
  const loaded = await loadOrCreate(stateDir, folder, [certificateFile, keyFile], async () => {
    const { certPem, keyPem } = await makeRoot(wish);
    return { [certificateFile]: new Redacted(certPem), [keyFile]: keyPem };
  });
  if (!loaded.ok) return loaded;
  const { [certificateFile]: cert, [keyFile]: key } = loaded.value.files;
  if (!cert || !key) throw new Error("a loaded state folder holds every file it was asked for");
  const issuer = issuerOf(`${stateDir}/${folder}`, cert.reveal(), key, wish.now);
  if (!issuer.ok) return refuse(issuer.problem);
  // Only the key is a secret: a certificate that others can read is no cause for alarm.
  const exposed = loaded.value.warnings.filter(({ where }) => where.endsWith(keyFile));
  return accept({ ...issuer.value, warnings: [...issuer.value.warnings, ...exposed] });
}

function issuerOf(place: string, certPem: string, keyPem: Redacted<string>, now: number) {
  const certificate = { where: `${place}/${certificateFile}`, text: certPem };
  const key = { where: `${place}/${keyFile}`, text: keyPem };
  return buildIssuer({ root: certificate, certificate, chain: undefined, key }, now);
}
