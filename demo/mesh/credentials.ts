// Tokens for the demo's proxies, minted from the same state directory that the control plane verifies them with.

import type { BootstrapOptions } from "#agent";
import { openAuthority, renderAuthorityProblem } from "#ca";
import type { WorkloadIdentity } from "#identity";
import { DemoFailed } from "./demo-failure.ts";

export interface Credentials {
  securityFor(identity: WorkloadIdentity): Promise<NonNullable<BootstrapOptions["security"]>>;
}

// A proxy of the demo lives as long as the demo.
const tokenTtlMs = 7 * 24 * 60 * 60 * 1000;

/** Throws a `DemoFailed` when the keys in the directory cannot be used. */
export async function openCredentials(stateDir: string, trustDomain: string): Promise<Credentials> {
  const opened = await openAuthority({ stateDir, trustDomain });
  if (!opened.ok) throw new DemoFailed(opened.problem.map(renderAuthorityProblem).join("\n"));
  const authority = opened.value;
  // Only minting is wanted: nothing is to be renewed here.
  authority.close();
  return {
    async securityFor(identity) {
      const minted = await authority.mintToken(identity, tokenTtlMs);
      if (!minted.ok) throw new DemoFailed(`${minted.problem.message}: ${minted.problem.detail}`);
      const { token } = minted.value;
      return { roots: authority.trustBundlePem, token: token.reveal(), serverName: "fairlead" };
    },
  };
}
