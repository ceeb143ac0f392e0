// Plans become signed certificates.

export { type ProvenRequest, proveRequest } from "./certificate-request.ts";
export { issueServingCertificate, servingNames } from "./serving.ts";
export {
  type IssuedCertificate,
  issueWorkloadCertificate,
  type KeyedCertificate,
  type SigningContext,
  signCsr,
} from "./workload.ts";
