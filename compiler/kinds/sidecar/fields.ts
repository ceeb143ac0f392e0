// Every field of the upstream Sidecar and how far it is supported.

import { connectionPoolFields } from "../shared/connection-pool.ts";
import { type FieldTable, flattenFields, ignored } from "../shared/field-table.ts";

const portFields: FieldTable = {
  number: "yes",
  protocol: "yes",
  name: "yes",
  targetPort: ignored("a sidecar listens on the number of the port"),
};

/** Istio has it behind a flag that is off. */
const noServerTls: FieldTable = {
  httpsRedirect: "no",
  mode: "no",
  serverCertificate: "no",
  privateKey: "no",
  caCertificates: "no",
  caCrl: "no",
  credentialName: "no",
  "credentialNames[]": "no",
  caCertCredentialName: "no",
  "tlsCertificates[]": { serverCertificate: "no", privateKey: "no", caCertificates: "no" },
  "subjectAltNames[]": "no",
  "verifyCertificateSpki[]": "no",
  "verifyCertificateHash[]": "no",
  minProtocolVersion: "no",
  maxProtocolVersion: "no",
  "cipherSuites[]": "no",
  insecureSkipVerify: "no",
};

export const fields = flattenFields({
  workloadSelector: { "labels{}": "yes" },
  "ingress[]": {
    port: portFields,
    bind: "yes",
    captureMode: "yes",
    defaultEndpoint: "yes",
    tls: noServerTls,
    connectionPool: connectionPoolFields,
  },
  "egress[]": { port: portFields, bind: "yes", captureMode: "yes", "hosts[]": "yes" },
  inboundConnectionPool: connectionPoolFields,
  outboundTrafficPolicy: {
    mode: "yes, but not ALLOW_ANY_DYNAMIC_DNS",
    egressProxy: { host: "no", port: { number: "no" }, subset: "no" },
  },
});
