// Secret → a credential. In: the object. Out: what of it a proxy can use, if anything. Secrets for other uses are nobody's
// business here and are not judged.

import type { RawObject } from "../../../1-parse/index.ts";
import type { Fact } from "../../../model/fact.ts";
import type { Credential, Redacted } from "../../../model/security.ts";
import type { Reader } from "../../kind.ts";
import { faultOfMaterial, faultOfPair, lifetimesOf } from "../../shared/key-material.ts";
import type { PemContent } from "../../shared/pem.ts";
import { compact } from "../../shared/place.ts";
import { readSecretData, type SecretData } from "./data.ts";

/** The spellings that Istio's gateways take: generic Secrets before those of type `kubernetes.io/tls`. */
const pairs = [
  { certificate: "cert", privateKey: "key" },
  { certificate: "tls.crt", privateKey: "tls.key" },
] as const;
const authorities = [
  { caCertificate: "cacert", crl: "crl" },
  { caCertificate: "ca.crt", crl: "ca.crl" },
] as const;

/** They hold a `ca.crt` or keys as well, which are not meant for proxies. */
const otherTypes =
  /^(kubernetes\.io\/(service-account-token|dockercfg|dockerconfigjson|basic-auth|ssh-auth)|helm\.sh\/|bootstrap\.kubernetes\.io\/)/;

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const { type } = object.value;
  if (typeof type === "string" && otherTypes.test(type)) return [];
  const data = readSecretData(object);
  const has = (key: string) => data.unreadable.includes(key) || filled(data.values[key]);
  const pair = pairs.find(({ certificate, privateKey }) => has(certificate) || has(privateKey));
  const authority = authorities.find(({ caCertificate }) => has(caCertificate));
  if (pair === undefined && authority === undefined) return [];
  const read = partReader(data, reader);
  const certificate = pair && read(pair.certificate, "certificates")?.reveal();
  const privateKey = pair && read(pair.privateKey, "private key");
  const fault = certificate && privateKey && faultOfPair(certificate, privateKey.reveal());
  if (fault) reader.report("invalid-credential", ["metadata", "name"], fault);
  const caCertificate =
    authority && has(authority.caCertificate)
      ? read(authority.caCertificate, "certificates")?.reveal()
      : undefined;
  const value = compact<Credential>({
    name: object.name,
    namespace: object.namespace,
    certificate,
    privateKey,
    caCertificate,
    crl: authority && has(authority.crl) ? read(authority.crl, "revocation lists")?.reveal() : undefined,
    lifetimes: lifetimesOf(certificate, caCertificate),
    origin: reader.origin(),
  });
  return [{ type: "credential", value }];
}

/** Reads one part, and reports it at the object's name when it is not there or not what it should be. */
function partReader({ values, unreadable }: SecretData, reader: Reader) {
  const report = (message: string) => reader.report("invalid-credential", ["metadata", "name"], message);
  return (key: string, expected: PemContent): Redacted | undefined => {
    const value = values[key];
    if (unreadable.includes(key)) report(`the value of "${key}" is not base64 of a text`);
    else if (value === undefined || !filled(value)) report(`the credential has no "${key}"`);
    else {
      const fault = faultOfMaterial(value.reveal(), expected);
      if (fault === undefined) return value;
      report(`the value of "${key}" cannot be used: ${fault}`);
    }
    return undefined;
  };
}

function filled(value: Redacted | undefined): boolean {
  return value !== undefined && value.reveal() !== "";
}
