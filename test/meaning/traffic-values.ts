// What a policy makes of requests, as Istio's reference says it, and istiod where that is silent: how one arrives, who answers those with
// the same key, and what the limits are. In: rules, defaults and a question. Out: what is seen.

import type { Account } from "./frank-server.ts";
import { type Destination, type Effective, policyFor, type World } from "./traffic-policy.ts";
import { millisecondsOf, settingsOf } from "./traffic-settings.ts";

export interface Question extends Destination {
  readonly ask: "call" | "keys" | "settings";
  /** What the service says that its port speaks. */
  readonly protocol: "http" | "http2" | "detected";
  /** What the client speaks. */
  readonly speaks: Account["http"];
  /** The host that it names. */
  readonly authority: string;
  readonly key: "header" | "query" | "cookie";
}

/** Of the servers' certificate. Who signed it is known to every `caCertificates` and `credentialName` that rules name, not to the system. */
export const certifiedNames = ["reviews.shop.svc.cluster.local", "good.test"];

export type Outcome = Pick<Question, "ask"> & Readonly<Record<string, unknown>>;

export function outcomeOf(world: World, question: Question): Outcome {
  const { ask, authority, key } = question;
  const policy = policyFor(world, question);
  if (!policy) return { ask, status: 503 };
  if (ask === "settings") return { ask, ...settingsOf(policy, world.defaults.tcpKeepalive) };
  if (!isTrusted(policy, authority)) return { ask, status: 503 };
  const status = 200;
  if (ask === "keys") return { ask, status, ...spreadOf(policy, key) };
  const http = httpOf(policy, world, question);
  return { ask, status, http, ...arrivalOf(policy, authority), cookie: cookieOf(policy) };
}

/** "If unspecified, automatic validation […] based on the downstream HTTP host/authority header", which istiod does unless `sni` is set. */
function isTrusted({ tls, isForSomeClients }: Effective, authority: string): boolean {
  if (!tls || tls.mode === "DISABLE") return true;
  // Nobody in the mesh has issued the servers' certificate.
  if (tls.mode === "ISTIO_MUTUAL") return false;
  if (tls.insecureSkipVerify) return true;
  // A credential "is applicable at sidecars only if `DestinationRule` has a `workloadSelector` specified".
  const knowsIssuer = tls.credentialName ? isForSomeClients : tls.caCertificates !== undefined;
  const names = tls.subjectAltNames ?? (tls.sni === undefined ? [authority] : certifiedNames);
  return knowsIssuer && names.some((name) => certifiedNames.includes(name));
}

function httpOf(policy: Effective, { defaults }: World, { protocol, speaks }: Question): Account["http"] {
  const { useClientProtocol, h2UpgradePolicy = "DEFAULT" } = policy.connectionPool?.http ?? {};
  // "h2_upgrade_policy will be ineffective".
  if (useClientProtocol) return speaks;
  if (protocol === "http2" || h2UpgradePolicy === "UPGRADE") return "2";
  // What is detected is left as it is, but for rules that say otherwise (istiod, `shouldH2Upgrade`).
  if (protocol === "detected") return speaks;
  return h2UpgradePolicy === "DEFAULT" && defaults.h2UpgradePolicy === "UPGRADE" ? "2" : "1.1";
}

function arrivalOf({ tls, proxyProtocol }: Effective, authority: string): Partial<Account> {
  const isSecure = tls !== undefined && tls.mode !== "DISABLE";
  return {
    ...(isSecure && { sni: tls.sni ?? authority }),
    hasCertificate: tls?.mode === "MUTUAL",
    ...(proxyProtocol && { proxyProtocol: proxyProtocol.version ?? "V1" }),
  };
}

/** "If specified, a cookie with the TTL will be generated", for the session if that is zero. */
function cookieOf({ loadBalancer }: Effective): string | undefined {
  const { name, path, ttl } = loadBalancer?.consistentHash?.httpCookie ?? {};
  if (ttl === undefined) return undefined;
  const age = millisecondsOf(ttl) / 1000;
  return [name, ...(age > 0 ? [`Max-Age=${age}`] : []), ...(path ? [`Path=${path}`] : [])].join("; ");
}

/** Who answers requests with one key, and those with a key each. */
function spreadOf({ loadBalancer }: Effective, key: Question["key"]) {
  const hash = loadBalancer?.consistentHash;
  const hashed = {
    header: hash?.httpHeaderName,
    query: hash?.httpQueryParameterName,
    cookie: hash?.httpCookie,
  };
  const [one, several] = ["one", "several"];
  const isBySource = hash?.useSourceIp === true;
  return { sameKey: isBySource || hashed[key] ? one : several, otherKeys: isBySource ? one : several };
}
