// What PeerAuthentications and the TLS of DestinationRules mean together, as Istio's documentation says it: a server takes what its mode
// says, the narrowest and oldest policy deciding; a client speaks what its rule says, else mutual TLS where the server takes it. In: the
// policies, the rules and a call. Out: whether it succeeds, and whom the server sees.

import { closest } from "./hosts.ts";

export type Mode = "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";

export interface PeerPolicy {
  readonly namespace: string;
  /** Of two policies the one with the lower number is the older. */
  readonly age: number;
  readonly spec: {
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly mtls?: { readonly mode: Mode };
    /** By port of the workload. Only with a selector. */
    readonly portLevelMtls?: Readonly<Record<number, { readonly mode: Mode }>>;
  };
}

export interface Tls {
  readonly mode: "DISABLE" | "ISTIO_MUTUAL" | "SIMPLE";
  readonly insecureSkipVerify?: boolean;
}

export interface TrafficPolicy {
  readonly tls?: Tls;
  /** By port of the service. What is not about TLS is there so that there is something. */
  readonly portLevelSettings?: readonly {
    readonly port: { readonly number: number };
    readonly tls?: Tls;
    readonly loadBalancer?: { readonly simple: "RANDOM" };
  }[];
}

/** At most one for a namespace and host. */
export interface DestinationRule {
  readonly namespace: string;
  /** In full, or of all services of a namespace: `*.shop.svc.cluster.local`. */
  readonly host: string;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: readonly { readonly name: string; readonly trafficPolicy?: TrafficPolicy }[];
}

export interface Workload {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly hasSidecar: boolean;
}

export interface Call {
  /** Undefined for a client without a sidecar: it speaks plain text. */
  readonly from: { readonly namespace: string; readonly serviceAccount: string } | undefined;
  readonly to: Workload;
  readonly workloadPort: number;
  readonly service: { readonly host: string; readonly namespace: string; readonly port: number };
  readonly subset: string | undefined;
}

/** What can be seen of it. Status 0: the connection was cut. */
export interface Outcome {
  readonly status: number;
  readonly identity?: string;
}

const rootNamespace = "istio-system";

export function outcomeOf(
  policies: readonly PeerPolicy[],
  rules: readonly DestinationRule[],
  { from, to, workloadPort, service, subset }: Call,
): Outcome {
  // "Connection is not tunneled" is all that somebody without a sidecar understands, too.
  const mode = to.hasSidecar ? modeOf(policies, to, workloadPort) : "DISABLE";
  if (!from) return { status: mode === "STRICT" ? 0 : 200 };
  const said = tlsOf(rules, from.namespace, service, subset)?.mode;
  const spoken = said ?? (mode === "DISABLE" ? "DISABLE" : "ISTIO_MUTUAL");
  // TLS without the client's certificate is neither of what PERMISSIVE takes: "either plaintext or mTLS tunnel".
  if (spoken === "SIMPLE") return { status: 503 };
  const isMutual = spoken === "ISTIO_MUTUAL";
  if (mode === (isMutual ? "DISABLE" : "STRICT")) return { status: 503 };
  const identity = `spiffe://cluster.local/ns/${from.namespace}/sa/${from.serviceAccount}`;
  return { status: 200, ...(isMutual && { identity }) };
}

/** "Istio applies the narrowest matching policy for each workload", and what that leaves unset is inherited. */
function modeOf(policies: readonly PeerPolicy[], { namespace, labels }: Workload, port: number): Mode {
  const oldest = (within: string, isFor: (selector: [string, string][]) => boolean) =>
    policies
      .filter(({ namespace }) => namespace === within)
      .filter(({ spec }) => isFor(Object.entries(spec.selector?.matchLabels ?? {})))
      .sort((a, b) => a.age - b.age)[0]?.spec;
  const isForAll = (selector: [string, string][]) => selector.length === 0;
  // Only in "the regular namespace": with a selector, one of the root namespace is for nobody.
  const selects = (selector: [string, string][]) =>
    !isForAll(selector) &&
    namespace !== rootNamespace &&
    selector.every(([key, value]) => labels[key] === value);
  const own = oldest(namespace, selects);
  const said = [
    own?.portLevelMtls?.[port],
    own?.mtls,
    oldest(namespace, isForAll)?.mtls,
    oldest(rootNamespace, isForAll)?.mtls,
  ].map((each) => each?.mode);
  return said.find((mode) => mode !== undefined && mode !== "UNSET") ?? "PERMISSIVE";
}

/** From the first of the client's, the service's and the root namespace that has a rule; there the exact host goes first. */
function tlsOf(
  rules: readonly DestinationRule[],
  clientNamespace: string,
  { host, namespace, port }: Call["service"],
  subset: string | undefined,
): Tls | undefined {
  const [rule] = [clientNamespace, namespace, rootNamespace].flatMap((within) =>
    closest(
      rules.filter((each) => each.namespace === within),
      host,
    ),
  );
  const own = rule?.subsets.find(({ name }) => name === subset)?.trafficPolicy;
  // "Settings specified at the destination-level will not be inherited when overridden by port-level settings."
  const atPort = (policy: TrafficPolicy | undefined) =>
    policy?.portLevelSettings?.find((each) => each.port.number === port);
  const ownAtPort = atPort(own);
  if (ownAtPort) return ownAtPort.tls;
  return own?.tls ?? (atPort(rule?.trafficPolicy) ?? rule?.trafficPolicy)?.tls;
}
