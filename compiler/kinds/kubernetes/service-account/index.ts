// ServiceAccount: the name in a workload's identity. Pods name it themselves, so that the object adds nothing; it is
// listed so that nobody takes it for unsupported.

import type { Kind } from "../../kind.ts";

export const serviceAccount: Kind = {
  group: "",
  versions: ["v1"],
  kind: "ServiceAccount",
  clusterScoped: false,
  fields: {},
  decode: () => [],
};
