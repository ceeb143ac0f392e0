// What of a client decides how it calls one service. In: a client and the policy for the service. Out: the client without all that
// makes no difference there, so that clients of all namespaces share the plans of a service.

import type { DestinationPolicy } from "../model/destination.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { Client } from "./client.ts";
import { sectionsOf } from "./traffic-policy.ts";

/** Labels and namespace are empty where they do not matter, and there is no locality. */
export type Caller = Omit<Client, "scope" | "wildcard" | "local">;

/** The same object for clients that are equal in what matters. */
export const callerOf = memoizeByIdentity(
  (client: Client, config: MeshConfig, policy: DestinationPolicy | undefined): Caller => {
    const { type, interceptionMode, hasIdentity, namespace, labels, locality } = client;
    const matters = whatMatters(config, policy, type);
    return intern({
      type,
      interceptionMode,
      hasIdentity,
      namespace: matters.namespace ? namespace : "",
      labels: matters.labels ? labels : {},
      ...(matters.locality && locality ? { locality } : {}),
    });
  },
);

const known = new Map<string, Caller>();

function intern(caller: Caller): Caller {
  const key = JSON.stringify(caller);
  const before = known.get(key);
  if (before) return before;
  // Nodes say what they like of their locality and labels: what is remembered of them must not grow without end.
  if (known.size >= 10_000) known.clear();
  known.set(key, caller);
  return caller;
}

interface Matters {
  /** Credentials are looked for in the client's. */
  readonly namespace: boolean;
  readonly locality: boolean;
  /** Those of failover priorities. */
  readonly labels: boolean;
}

const whatMatters = memoizeByIdentity(
  (config: MeshConfig, policy: DestinationPolicy | undefined, type: Caller["type"]): Matters => {
    const sections = policy ? sectionsOf(policy) : [];
    const settings = [config.localityLb, ...sections.map(({ loadBalancer }) => loadBalancer?.localityLb)];
    const ejection = [
      config.defaultOutlierDetection,
      ...sections.map(({ outlierDetection }) => outlierDetection),
    ];
    return {
      namespace: policy !== undefined && usesCredentials(policy, type),
      locality: [...settings, ...ejection].some((each) => each !== undefined),
      labels: settings.some((each) => each !== undefined && each.failoverPriority.length > 0),
    };
  },
);

/** Whether what it says of credentials counts: at sidecars only if it says for which, so that no key is sent to all of a namespace. */
export function sendsCredentials({ clientSelector }: DestinationPolicy, type: Caller["type"]): boolean {
  return type === "router" || clientSelector !== undefined;
}

/** Whether what it comes to for such a client depends on the mesh's credentials. */
export function usesCredentials(policy: DestinationPolicy, type: Caller["type"]): boolean {
  return sendsCredentials(policy, type) && namesCredentials(policy);
}

/** Whether it does for some client. */
export const namesCredentials = memoizeByIdentity((policy: DestinationPolicy): boolean =>
  sectionsOf(policy).some(({ tls }) => tls?.credentialName !== undefined),
);
