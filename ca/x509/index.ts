// Certificates as facts and as bytes, paths to a root, and judgement of keys: X.509 without any policy of ours.

export { type Certificate, readCertificate, readCertificates } from "./certificate.ts";
export {
  type CertificateContents,
  distinguishedName,
  emptyName,
  writeCertificate,
} from "./certificate-writer.ts";
export {
  type AlternativeName,
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from "./extensions.ts";
export { KeyUsage, NameKind, Purpose } from "./identifiers.ts";
export { judgeKey, type KeyFamily } from "./key-strength.ts";
export { findPath, issuerFault, type PathQuestion } from "./path.ts";
export { readRequest } from "./request.ts";
export { keyIdOf, provesPossession, type SignatureHash, type SigningKey } from "./signature.ts";
