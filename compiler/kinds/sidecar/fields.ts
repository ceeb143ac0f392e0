// Every field of the upstream Sidecar and how far it is supported.

import { connectionPoolFields } from "../shared/connection-pool.ts";
import { type FieldTable, flattenFields, ignored } from "../shared/field-table.ts";
import { serverTlsFields } from "../shared/server-tls.ts";

const portFields: FieldTable = {
  number: "yes",
  protocol: "yes",
  name: "yes",
  targetPort: ignored("a sidecar listens on the number of the port"),
};

export const fields = flattenFields({
  workloadSelector: { "labels{}": "yes" },
  "ingress[]": {
    port: portFields,
    bind: "yes",
    captureMode: "yes",
    defaultEndpoint: "yes",
    tls: serverTlsFields,
    connectionPool: connectionPoolFields,
  },
  "egress[]": { port: portFields, bind: "yes", captureMode: "yes", "hosts[]": "yes" },
  inboundConnectionPool: connectionPoolFields,
  outboundTrafficPolicy: {
    mode: "yes",
    egressProxy: { host: "no", port: { number: "no" }, subset: "no" },
  },
});
