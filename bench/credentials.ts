// Tokens for the clients of a benchmark, minted from the state directory of its control plane.

import { openAuthority, renderAuthorityProblem } from "#ca";
import { defaultMeshConfig } from "#compiler";

export interface BenchCredentials {
  /** PEM. */
  readonly roots: string;
  tokenFor(namespace: string, serviceAccount: string): Promise<string>;
}

export async function openBenchCredentials(stateDir: string): Promise<BenchCredentials> {
  const { trustDomain } = defaultMeshConfig;
  const opened = await openAuthority({ stateDir, trustDomain });
  if (!opened.ok) throw new Error(opened.problem.map(renderAuthorityProblem).join("\n"));
  const authority = opened.value;
  authority.close();
  return {
    roots: authority.trustBundlePem,
    tokenFor: async (namespace, serviceAccount) => {
      const minted = await authority.mintToken({ trustDomain, namespace, serviceAccount });
      if (!minted.ok) throw new Error(minted.problem.message);
      return minted.value.token.reveal();
    },
  };
}
