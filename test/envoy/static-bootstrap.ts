// Emitted resources → a bootstrap that Envoy can load by itself, with certificates of the tests' own CA.

import type { EmittedResource } from "../../compiler/5-emit/resource.ts";
import { staticBootstrap as pourBootstrap } from "../../compiler/5-emit/static-bootstrap.ts";
import { anyWorkload, type TestCertificate, testRoot } from "./test-certificates.ts";

export interface StaticBootstrapOptions {
  /** What SDS would give this proxy as `default`, and for any secret that is not among the resources. */
  readonly workload?: TestCertificate;
  /** 0, the default: a free one, which `startEnvoy` finds out. */
  readonly adminPort?: number;
}

/** Everything inline that Envoy would get over xDS; see the compiler's function of this name. */
export function staticBootstrap(
  resources: readonly EmittedResource[],
  options: StaticBootstrapOptions = {},
): string {
  const credentials = { ...(options.workload ?? anyWorkload), roots: testRoot };
  return pourBootstrap(resources, credentials, options.adminPort ?? 0);
}
