// Secret: certificates and keys for gateways and clients.

import type { Kind } from "../../kind.ts";
import { decode } from "./decode.ts";

export { readCaSecret } from "./ca-secret.ts";

/** Without schema and field table, whose messages would quote what is written. */
export const secret: Kind = {
  group: "",
  versions: ["v1"],
  kind: "Secret",
  clusterScoped: false,
  fields: {},
  decode,
};
