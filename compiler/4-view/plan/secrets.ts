// Credentials from files that a proxy's listeners or clusters name. Workload certificates are not here: the CA serves them.

import type { Origin } from "../../model/origin.ts";
import type { Credential } from "../../model/security.ts";

export interface SecretPlan {
  /** SDS name: `kubernetes://name` or `kubernetes://name-cacert`. */
  readonly name: string;
  readonly part: "certificate" | "ca";
  readonly credential: Credential;
  readonly origins: readonly Origin[];
}
