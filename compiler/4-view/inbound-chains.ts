// Filter chains in front of one port of a workload: which combinations of TLS and protocol are let in, and as what.

import { memoizeByIdentity } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { Origin } from "../model/origin.ts";
import type { Retries } from "../model/routes.ts";
import type { MtlsMode } from "../model/security.ts";
import type { Protocol } from "../model/service.ts";
import { anyMatch, httpTerminal, inlineRoutes, plainHttpProtocols, tcpTerminal } from "./chains.ts";
import type {
  ChainMatch,
  DownstreamTlsPlan,
  EffectivePolicy,
  FilterChainPlan,
  RouteTablePlan,
} from "./plan/index.ts";
import { isHttp } from "./reach.ts";
import { noHeaders } from "./route-plans.ts";

// What mesh clients offer by ALPN. Istio's own proxies offer these too, which is how the two understand each other.
const meshHttp = ["istio-http/1.0", "istio-http/1.1", "istio-h2"] as const;
const meshTcp = ["istio-peer-exchange", "istio"] as const;
/** Where the port says what it is, what the client takes it for does not matter. */
const meshAny = [...meshTcp, ...meshHttp] as const;

export interface InboundChainSpec {
  /** Chain and statistics name: `0.0.0.0_9080`, `virtualInbound-catchall`. */
  readonly name: string;
  /** Absent: the listener has this port alone, or every port that no other chain names. */
  readonly destinationPort?: number;
  readonly protocol: Protocol;
  readonly mode: MtlsMode;
  readonly cluster: string;
  readonly routeHost: string;
  readonly policies: readonly EffectivePolicy[];
  readonly hasIdentity: boolean;
  readonly config: MeshConfig;
  readonly origins: readonly Origin[];
}

interface Variant {
  readonly kind: "http" | "tcp";
  readonly mesh: boolean;
  readonly match: Pick<ChainMatch, "transportProtocol" | "applicationProtocols">;
}

const tls = (applicationProtocols: readonly string[] = []) =>
  ({ transportProtocol: "tls", applicationProtocols }) as const;
const plain = (applicationProtocols: readonly string[] = []) =>
  ({ transportProtocol: "raw_buffer", applicationProtocols }) as const;

/**
 * The variants by mode, most specific match first. A proxy without a certificate cannot offer mutual TLS at all. Chains for
 * clients of the mesh are the same in `permissive` and `strict`, so that going from one to the other closes none of their
 * connections.
 */
function variantsFor(protocol: Protocol, mode: MtlsMode, hasIdentity: boolean): readonly Variant[] {
  const detected = protocol === "auto";
  const kind = isHttp(protocol) ? "http" : "tcp";
  if (mode === "disable" || !hasIdentity) {
    if (mode === "strict") return [];
    if (!detected) return [{ kind, mesh: false, match: { applicationProtocols: [] } }];
    return [
      { kind: "http", mesh: false, match: plain(plainHttpProtocols) },
      { kind: "tcp", mesh: false, match: { applicationProtocols: [] } },
    ];
  }
  if (mode === "strict") {
    if (detected) {
      return [
        { kind: "http", mesh: true, match: tls(meshHttp) },
        { kind: "tcp", mesh: true, match: tls(meshTcp) },
        { kind: "tcp", mesh: true, match: tls() },
      ];
    }
    return [
      { kind, mesh: true, match: tls(meshAny) },
      { kind, mesh: true, match: tls() },
    ];
  }
  if (detected) {
    return [
      { kind: "http", mesh: true, match: tls(meshHttp) },
      { kind: "http", mesh: false, match: plain(plainHttpProtocols) },
      { kind: "tcp", mesh: true, match: tls(meshTcp) },
      { kind: "tcp", mesh: false, match: plain() },
      // TLS of the application's own: passed through untouched.
      { kind: "tcp", mesh: false, match: tls() },
    ];
  }
  if (kind === "http") {
    return [
      { kind, mesh: true, match: tls(meshAny) },
      { kind, mesh: false, match: plain() },
    ];
  }
  return [
    { kind, mesh: true, match: tls(meshAny) },
    { kind, mesh: false, match: plain() },
    { kind, mesh: false, match: tls() },
  ];
}

/**
 * Whether chains for this port need the TLS inspector, and whether they need the HTTP inspector. `strict` has the inspectors of
 * `permissive`, although it could do with one less: another set of them would be another listener, and close everything.
 */
export function inspectionFor(protocol: Protocol, mode: MtlsMode, hasIdentity: boolean) {
  const variants = variantsFor(protocol, mode === "strict" && hasIdentity ? "permissive" : mode, hasIdentity);
  return {
    tls: variants.some(({ match }) => match.transportProtocol !== undefined),
    http: variants.some(
      ({ match }) => match.transportProtocol === "raw_buffer" && match.applicationProtocols.length > 0,
    ),
  };
}

export function planInboundChains(spec: InboundChainSpec): readonly FilterChainPlan[] {
  return variantsFor(spec.protocol, spec.mode, spec.hasIdentity).map((variant) => ({
    name: spec.name,
    match: {
      ...anyMatch,
      ...(spec.destinationPort === undefined ? {} : { destinationPort: spec.destinationPort }),
      ...variant.match,
    },
    ...(variant.mesh ? { tls: meshServerTls(spec.config, variant.kind) } : {}),
    policies: spec.policies,
    terminal:
      variant.kind === "http"
        ? httpTerminal(spec.config, {
            statPrefix: `inbound_${spec.name}`,
            routes: inlineRoutes(inboundTable(spec)),
            role: "inbound",
            forwardClientCert: variant.mesh ? "append-forward" : "sanitize",
          })
        : tcpTerminal(spec.config, spec.cluster, [{ cluster: spec.cluster, weight: 1 }]),
    origins: spec.origins,
  }));
}

/** What the mesh's clients may offer. Each list is one object, so that whatever is made of it is. */
const httpNames = ["h2", "http/1.1"];
const tcpNames = ["istio-peer-exchange", ...httpNames];

/** Roots may be those of other meshes as well: who may call is of this one, by any of its names. */
const trustedDomains = memoizeByIdentity(
  ({ trustDomain, trustDomainAliases }: MeshConfig): readonly string[] =>
    [...new Set([trustDomain, ...trustDomainAliases])].sort(),
);

function meshServerTls(config: MeshConfig, kind: "http" | "tcp"): DownstreamTlsPlan {
  return {
    type: "mesh",
    trustDomains: trustedDomains(config),
    alpn: kind === "http" ? httpNames : tcpNames,
    ...(config.meshMtlsMinVersion ? { minVersion: config.meshMtlsMinVersion } : {}),
  };
}

/** The workload may close a connection that is being used again: nothing of the request has reached it then (istiod does the same). */
const retriesAtTheWorkload: Retries = {
  attempts: 2,
  retryOn: "reset-before-request",
  retryIgnorePreviousHosts: false,
};

/** Whatever the host: the request is for this workload. */
function inboundTable(spec: InboundChainSpec): RouteTablePlan {
  return {
    name: spec.cluster,
    ignorePortInHost: false,
    virtualHosts: [
      {
        name: spec.routeHost,
        domains: ["*"],
        routes: [
          {
            name: "default",
            action: {
              type: "forward",
              clusters: [{ cluster: spec.cluster, weight: 100, headers: noHeaders }],
              mirrors: [],
              hash: [],
            },
            // Streams are not kept to be sent again.
            ...(spec.protocol.startsWith("grpc") ? {} : { retries: retriesAtTheWorkload }),
            headers: noHeaders,
            origins: spec.origins,
          },
        ],
        requireTls: false,
        includeAttemptCount: false,
        origins: spec.origins,
      },
    ],
    origins: spec.origins,
  };
}
