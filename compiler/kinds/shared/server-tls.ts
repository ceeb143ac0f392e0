// TLS settings of a listener: the same block in gateways and in the ingress of sidecar scopes.

import type { ServerTls } from "../../model/gateway.ts";
import type { FieldTable } from "./field-table.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readChoice,
  readFlag,
  readItems,
  readRawText,
  readText,
  readTexts,
  report,
  reportMissing,
  setFields,
} from "./place.ts";

export const serverTlsFields: FieldTable = {
  httpsRedirect: "yes",
  mode: "yes, but not AUTO_PASSTHROUGH",
  serverCertificate: "yes",
  privateKey: "yes",
  caCertificates: "yes",
  caCrl: "no",
  credentialName: "yes",
  "credentialNames[]": "yes",
  caCertCredentialName: "yes",
  "tlsCertificates[]": { serverCertificate: "no", privateKey: "no", caCertificates: "no" },
  "subjectAltNames[]": "yes",
  "verifyCertificateSpki[]": "yes",
  "verifyCertificateHash[]": "yes",
  minProtocolVersion: "yes",
  maxProtocolVersion: "yes",
  "cipherSuites[]": "yes",
  insecureSkipVerify: "yes",
};

type Mode = NonNullable<ServerTls["mode"]>;
type Version = NonNullable<ServerTls["minProtocolVersion"]>;

const modes: Readonly<Record<string, Mode>> = {
  PASSTHROUGH: "passthrough",
  SIMPLE: "simple",
  MUTUAL: "mutual",
  AUTO_PASSTHROUGH: "auto-passthrough",
  ISTIO_MUTUAL: "mesh",
  OPTIONAL_MUTUAL: "optional-mutual",
};

const versions: Readonly<Record<string, Version | "auto">> = {
  TLS_AUTO: "auto",
  TLSV1_0: "TLSV1_0",
  TLSV1_1: "TLSV1_1",
  TLSV1_2: "TLSV1_2",
  TLSV1_3: "TLSV1_3",
};

/** The names that Envoy's TLS library (BoringSSL) knows and a policy may ask for. */
const cipherSuites: ReadonlySet<string> = new Set([
  "AES128-GCM-SHA256",
  "AES128-SHA",
  "AES256-GCM-SHA384",
  "AES256-SHA",
  "DES-CBC3-SHA",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-SHA",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-SHA",
  "ECDHE-RSA-CHACHA20-POLY1305",
]);

const certificateFields = [
  "serverCertificate",
  "privateKey",
  "caCertificates",
  "caCrl",
  "credentialName",
  "credentialNames",
  "caCertCredentialName",
  "tlsCertificates",
];
const digestFields = ["verifyCertificateSpki", "verifyCertificateHash"];
const clientFields = ["subjectAltNames", ...digestFields, "insecureSkipVerify"];
const parameterFields = ["minProtocolVersion", "maxProtocolVersion", "cipherSuites"];

/**
 * Undefined when nothing is written. `encrypted`: connections to the port begin with TLS, where a block without mode
 * passes them through (the first value of the upstream enumeration).
 */
export function readServerTls(place: Place, encrypted: boolean): ServerTls | undefined {
  if (!isSet(place)) return undefined;
  const mode = readChoice(at(place, "mode"), modes) ?? (encrypted ? "passthrough" : undefined);
  checkCertificates(place, mode);
  if (mode === "auto-passthrough") {
    const help = "write the SNI routes out, with mode PASSTHROUGH";
    report(at(place, "mode"), "unsupported-field", "AUTO_PASSTHROUGH is not supported yet", help);
  }
  return compact<ServerTls>({
    httpsRedirect: readFlag(at(place, "httpsRedirect")) ?? false,
    mode,
    credentialNames: readCredentialNames(place),
    caCredentialName: readText(at(place, "caCertCredentialName")),
    serverCertificate: readText(at(place, "serverCertificate")),
    privateKey: readText(at(place, "privateKey")),
    caCertificates: readText(at(place, "caCertificates")),
    subjectAltNames: readTexts(at(place, "subjectAltNames")),
    verifyCertificateSpki: readDigests(at(place, "verifyCertificateSpki"), base64Digest, "base64"),
    verifyCertificateHash: readDigests(at(place, "verifyCertificateHash"), hexDigest, "hexadecimal"),
    ...readVersions(place),
    cipherSuites: readCipherSuites(at(place, "cipherSuites")),
    insecureSkipVerify: readFlag(at(place, "insecureSkipVerify")) ?? false,
  });
}

/** SHA-256 as Envoy reads it: 32 bytes, in hexadecimal with or without colons, or in base64. */
const hexDigest = /^(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31})$/;
const base64Digest = /^[A-Za-z0-9+/]{43}=$/;

function readDigests(place: Place, form: RegExp, encoding: string): readonly string[] {
  return readItems(place).flatMap((item) => {
    const digest = readRawText(item);
    if (digest === undefined) return [];
    if (!form.test(digest))
      report(item, "invalid-value", `"${digest}" is not a SHA-256 digest in ${encoding}`);
    return [digest];
  });
}

function readCredentialNames(place: Place): readonly string[] {
  const one = readText(at(place, "credentialName"));
  const several = readTexts(at(place, "credentialNames"));
  if (several.length > 2) {
    report(
      at(place, "credentialNames"),
      "invalid-value",
      "at most two credentials are possible, an RSA and an ECDSA one",
    );
  }
  return several.length > 0 ? several : one === undefined ? [] : [one];
}

function checkCertificates(place: Place, mode: Mode | undefined): void {
  switch (mode) {
    case undefined:
      return;
    case "mesh":
      for (const field of setFields(place, certificateFields)) {
        report(at(place, field), "conflicting-fields", `"${field}" cannot be set in mode ISTIO_MUTUAL`);
      }
      reportIdle(
        place,
        [...digestFields, "insecureSkipVerify", ...parameterFields],
        "in mode ISTIO_MUTUAL, which takes subjectAltNames only",
        "MUTUAL takes it, with a certificate of your own",
      );
      return;
    case "passthrough":
    case "auto-passthrough":
      reportIdle(
        place,
        [...certificateFields, ...clientFields, ...parameterFields],
        "when TLS is passed through",
        "set a mode (SIMPLE, MUTUAL) if TLS is to end here",
      );
      return;
    case "simple":
      reportIdle(place, clientFields, "in mode SIMPLE, which asks clients for no certificate", "set MUTUAL");
      if (hasCredential(place)) return;
      requireFields(place, ["serverCertificate", "privateKey"], "SIMPLE");
      if (isSet(at(place, "caCrl"))) {
        report(at(place, "caCrl"), "conflicting-fields", `"caCrl" cannot be set in mode SIMPLE`);
      }
      return;
    case "mutual":
    case "optional-mutual":
      if (hasCredential(place)) return;
      requireFields(place, ["serverCertificate", "privateKey"], "MUTUAL");
      if (isSet(at(place, "caCertCredentialName"))) return;
      requireFields(place, ["caCertificates"], "MUTUAL");
      return;
  }
}

function reportIdle(place: Place, fields: readonly string[], where: string, help: string): void {
  for (const field of setFields(place, fields)) {
    report(at(place, field), "ineffective-field", `"${field}" has no effect ${where}`, help);
  }
}

function hasCredential(place: Place): boolean {
  return setFields(place, ["credentialName", "credentialNames", "tlsCertificates"]).length > 0;
}

function requireFields(place: Place, fields: readonly string[], mode: string): void {
  for (const field of fields) {
    if (readText(at(place, field)) !== undefined) continue;
    reportMissing(place, field, `mode ${mode} needs it, or "credentialName"`);
  }
}

function readVersions(place: Place): { minProtocolVersion?: Version; maxProtocolVersion?: Version } {
  const lowest = readVersion(at(place, "minProtocolVersion"));
  const highest = readVersion(at(place, "maxProtocolVersion"));
  if ((lowest === "TLSV1_0" || lowest === "TLSV1_1") && readItems(at(place, "cipherSuites")).length === 0) {
    const message = `no cipher suite of the defaults works with ${lowest}`;
    report(at(place, "minProtocolVersion"), "ineffective-field", message, `set "cipherSuites" as well`);
  }
  if (lowest !== undefined && highest !== undefined && lowest > highest) {
    report(
      at(place, "maxProtocolVersion"),
      "invalid-value",
      `${highest} is below the lowest version, ${lowest}`,
    );
  }
  return {
    ...(lowest === undefined ? {} : { minProtocolVersion: lowest }),
    ...(highest === undefined ? {} : { maxProtocolVersion: highest }),
  };
}

function readVersion(place: Place): Version | undefined {
  const version = readChoice(place, versions);
  return version === "auto" ? undefined : version;
}

/** Suites that nobody knows would make Envoy refuse the listener: they are left out. */
function readCipherSuites(place: Place): readonly string[] {
  const suites: string[] = [];
  for (const item of readItems(place)) {
    const suite = readRawText(item);
    if (suite === undefined) continue;
    if (!cipherSuites.has(suite)) {
      report(item, "ineffective-field", `"${suite}" is not a cipher suite; it is left out`);
    } else if (suites.includes(suite)) {
      report(item, "ineffective-field", `"${suite}" is in the list already`);
    } else {
      suites.push(suite);
    }
  }
  return suites;
}
