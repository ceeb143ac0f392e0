// PeerAuthentication: which mutual TLS a workload asks of its callers.

import { PeerAuthentication } from "@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication";
import type { Kind } from "../kind.ts";
import { flattenFields } from "../shared/field-table.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";
import { decode } from "./decode.ts";

export const peerAuthentication: Kind = {
  group: "security.istio.io",
  versions: ["v1", "v1beta1"],
  kind: "PeerAuthentication",
  clusterScoped: false,
  fields: flattenFields({
    selector: { "matchLabels{}": "yes" },
    mtls: { mode: "yes" },
    "portLevelMtls{}": { mode: "yes" },
  }),
  schema: upstreamSchema(PeerAuthentication),
  decode,
};
