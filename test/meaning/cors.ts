// Which requests from other origins a CorsPolicy lets in, as Istio's reference and that of Envoy's filter say it. In: the policy and a
// request. Out: the headers for the browser, and whether they are the whole answer.

import { fits, type TextMatch } from "./text-match.ts";

export type Values = Readonly<Record<string, string | undefined>>;

export interface Cors {
  readonly allowOrigin?: readonly string[];
  readonly allowOrigins?: readonly TextMatch[];
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  readonly unmatchedPreflights?: "UNSPECIFIED" | "FORWARD" | "IGNORE";
}

export function cors(
  policy: Cors | undefined,
  { method, headers }: { readonly method: string; readonly headers: Values },
): { readonly isAnswer: boolean; readonly headers: Values } {
  const { origin } = headers;
  if (!policy || origin === undefined) return { isAnswer: false, headers: {} };
  const { allowOrigins, allowOrigin = [], allowMethods = [], allowHeaders = [], exposeHeaders = [] } = policy;
  // The older field counts only without the newer one, as with istiod (TranslateCORSPolicy).
  const origins = allowOrigins ?? allowOrigin.map((exact) => ({ exact }));
  const isAllowed = origins.some((each) => fits(each, origin) || fits(each, "*"));
  const isPreflight = method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
  const isAnswer = isPreflight && (isAllowed || policy.unmatchedPreflights === "IGNORE");
  const credentials = policy.allowCredentials ? "true" : undefined;
  const listed = (all: readonly string[], asked: string | undefined) =>
    isAnswer && all.length > 0 ? (all.join() === "*" ? (asked ?? "") : all.join()) : undefined;
  const more: Values = {
    "access-control-allow-origin": isAllowed ? origin : undefined,
    "access-control-allow-credentials": isAllowed || isAnswer ? credentials : undefined,
    "access-control-expose-headers": isAllowed ? exposeHeaders.join() || undefined : undefined,
    "access-control-allow-methods": listed(allowMethods, headers["access-control-request-method"]),
    "access-control-allow-headers": listed(allowHeaders, headers["access-control-request-headers"]),
    "access-control-max-age": isAnswer && policy.maxAge ? secondsOf(policy.maxAge) : undefined,
  };
  return { isAnswer, headers: defined(more) };
}

export function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function secondsOf(duration: string): string {
  const seconds = { h: 3600, m: 60, s: 1 }[duration.slice(-1)] ?? 0;
  return `${Number.parseInt(duration, 10) * seconds}`;
}
