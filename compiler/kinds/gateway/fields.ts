// Every field of the upstream Gateway and how far it is supported.

import { flattenFields, ignored } from "../shared/field-table.ts";
import { serverTlsFields } from "../shared/server-tls.ts";

export const fields = flattenFields({
  "servers[]": {
    port: {
      number: "yes",
      protocol: "yes",
      name: "yes",
      targetPort: ignored("a gateway listens on the number of the port"),
    },
    bind: "yes",
    "hosts[]": "yes",
    tls: serverTlsFields,
    defaultEndpoint: ignored("no Istio version implements it"),
    name: "yes",
  },
  "selector{}": "yes",
});
