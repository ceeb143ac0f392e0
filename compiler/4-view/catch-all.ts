// The virtual host for what no other host of an outbound table claims: passed on or refused, as the outbound policy says.

import { memoizeByIdentity } from "../model/memo.ts";
import { allowAnyHost, blockAllHost } from "../model/names.ts";
import type { OutboundPolicy } from "../model/scope.ts";
import type { VirtualHostPlan } from "./plan/index.ts";
import { noHeaders } from "./route-plans.ts";

/** `passthrough`: where it goes if it may. */
export function catchAll(outbound: OutboundPolicy, passthrough: string): VirtualHostPlan {
  switch (outbound.mode) {
    case "allow-any":
      return allowAny(passthrough);
    case "registry-only":
      return blockAll;
  }
}

/** Whether this is such a host. */
export function isCatchAll({ name, domains }: VirtualHostPlan): boolean {
  return (name === allowAnyHost || name === blockAllHost) && domains[0] === "*";
}

const allowAny = memoizeByIdentity(
  (cluster: string): VirtualHostPlan => ({
    name: allowAnyHost,
    domains: ["*"],
    routes: [
      {
        name: allowAnyHost,
        action: {
          type: "forward",
          clusters: [{ cluster, weight: 100, headers: noHeaders }],
          mirrors: [],
          hash: [],
        },
        headers: noHeaders,
        origins: [],
      },
    ],
    requireTls: false,
    includeAttemptCount: true,
    origins: [],
  }),
);

const blockAll: VirtualHostPlan = {
  name: blockAllHost,
  domains: ["*"],
  routes: [
    {
      name: blockAllHost,
      action: { type: "direct-response", status: 502 },
      headers: noHeaders,
      origins: [],
    },
  ],
  requireTls: false,
  includeAttemptCount: false,
  origins: [],
};
