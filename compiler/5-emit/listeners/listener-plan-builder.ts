// Listener plans for tests: defaults for everything a test does not talk about.

import type {
  AccessLogPlan,
  ChainMatch,
  DownstreamTlsPlan,
  FilterChainPlan,
  HttpTerminal,
  ListenerPlan,
  TcpTerminal,
} from "../../4-view/plan/listeners.ts";

const origin = {
  kind: "Test",
  namespace: "default",
  name: "test",
  position: { file: "test.yaml", line: 1, column: 1, length: 1 },
};

/** Binds 127.0.0.1 and detects nothing. */
export function listener(
  chains: readonly FilterChainPlan[],
  parts: Partial<ListenerPlan> = {},
): ListenerPlan {
  return {
    name: "0.0.0.0_80",
    direction: "outbound",
    address: "127.0.0.1",
    port: 80,
    bindToPort: true,
    readsOriginalDst: false,
    handsOff: false,
    detectTls: false,
    detectHttp: false,
    detectionTimeoutMs: 0,
    chains,
    origins: [origin],
    ...parts,
  };
}

export function chainMatch(parts: Partial<ChainMatch> = {}): ChainMatch {
  return { prefixRanges: [], sourcePrefixRanges: [], serverNames: [], applicationProtocols: [], ...parts };
}

export function chain(
  terminal: HttpTerminal | TcpTerminal,
  parts: Partial<FilterChainPlan> = {},
): FilterChainPlan {
  return { name: "chain", match: chainMatch(), policies: [], terminal, origins: [origin], ...parts };
}

/** Outbound, with routes by RDS. */
export function http(parts: Partial<HttpTerminal> = {}): HttpTerminal {
  return {
    type: "http",
    statPrefix: "outbound_0.0.0.0_80",
    routes: { type: "rds", name: "80" },
    role: "outbound",
    forwardClientCert: "sanitize",
    trustedHops: 0,
    pathNormalization: "base",
    usesFault: true,
    ...parts,
  };
}

export function tcp(parts: Partial<TcpTerminal> = {}): TcpTerminal {
  return {
    type: "tcp",
    statPrefix: "outbound|80||a",
    clusters: [{ cluster: "outbound|80||a", weight: 100 }],
    hashSourceIp: false,
    clusterFromSni: false,
    ...parts,
  };
}

export function accessLog(parts: Partial<AccessLogPlan> = {}): AccessLogPlan {
  return { file: "/dev/stdout", format: "", encoding: "TEXT", onlyUnrouted: false, ...parts };
}

export function serverTls(
  parts: Partial<Extract<DownstreamTlsPlan, { type: "server" }>> = {},
): DownstreamTlsPlan {
  return {
    type: "server",
    certificates: [{ type: "sds", name: "kubernetes://site" }],
    requireClientCertificate: false,
    subjectAltNames: [],
    verifyCertificateSpki: [],
    verifyCertificateHash: [],
    cipherSuites: [],
    insecureSkipVerify: false,
    alpn: ["h2", "http/1.1"],
    ...parts,
  };
}
