// Certificates as facts, paths to a root, and judgement of keys: X.509 without any policy of ours.

export { type Certificate, readCertificate, readCertificates } from "./certificate.ts";
export { judgeKey, judgePublicKey, type KeyFamily } from "./key-strength.ts";
export * from "./library.ts";
export { findPath, issuerFault, type PathQuestion } from "./path.ts";
