// What the HTTP routes of a VirtualService mean, as Istio's reference says it, in as few lines as that takes: the first route of which
// a match holds answers; in a match all holds, and of several matches one. In: the spec and a request. Out: what has to become of it.

import { fits, type TextMatch } from "./text-match.ts";

export interface HttpMatch {
  readonly uri?: TextMatch;
  readonly ignoreUriCase?: boolean;
  readonly scheme?: TextMatch;
  readonly method?: TextMatch;
  readonly authority?: TextMatch;
  readonly headers?: Readonly<Record<string, TextMatch>>;
  readonly withoutHeaders?: Readonly<Record<string, TextMatch>>;
  readonly queryParams?: Readonly<Record<string, TextMatch>>;
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
}

export interface HttpRoute {
  readonly name: string;
  readonly match?: readonly HttpMatch[];
  readonly directResponse?: { readonly status: number; readonly body: { readonly string: string } };
  readonly redirect?: { readonly uri?: string; readonly authority?: string; readonly redirectCode?: number };
  readonly route?: readonly [{ readonly destination: { readonly host: string; readonly subset: string } }];
  readonly rewrite?: { readonly uri?: string; readonly authority?: string };
  readonly headers?: { readonly request: HeaderChanges };
  readonly fault?: {
    readonly abort: { readonly httpStatus: number; readonly percentage: { readonly value: 100 } };
  };
}

export interface HeaderChanges {
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** A request on its way from a workload. */
export interface Call {
  readonly method: string;
  /** `reviews:9080`. */
  readonly authority: string;
  readonly port: number;
  readonly path: string;
  /** Without the question mark; undefined without one. */
  readonly query: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly from: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
}

/** What can be seen of it: an answer without a server is the proxy's own. */
export interface Outcome {
  readonly status: number;
  readonly body?: string;
  readonly location?: string;
  /** The version that was reached, and what it saw. */
  readonly reached?: {
    /** Undefined for whichever. */
    readonly version?: string | undefined;
    readonly path: string;
    readonly authority: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
  };
}

export function outcomeOf(routes: readonly HttpRoute[], call: Call): Outcome {
  const applicable = routes
    .map((route) => ({ route, matches: (route.match ?? [{}]).filter((match) => concerns(match, call)) }))
    .filter(({ matches }) => matches.length > 0);
  // As if there were no such VirtualService.
  if (applicable.length === 0) return reached(call, call.path);
  for (const { route, matches } of applicable) {
    const match = matches.find((each) => holds(each, call));
    if (match) return done(route, match, call);
  }
  return { status: 404 };
}

/** Whom a match is for: "applies only to" workloads, namespaces, gateways and ports. */
function concerns({ port, sourceLabels, sourceNamespace, gateways }: HttpMatch, call: Call): boolean {
  const { namespace, labels } = call.from;
  return (
    (port === undefined || port === call.port) &&
    Object.entries(sourceLabels ?? {}).every(([name, value]) => labels[name] === value) &&
    (sourceNamespace === undefined || sourceNamespace === namespace) &&
    (gateways === undefined || gateways.includes("mesh"))
  );
}

function holds(match: HttpMatch, { path, method, authority, query, headers }: Call): boolean {
  const parameters = new URLSearchParams(query ?? "");
  const among = (matches: HttpMatch["headers"], find: (name: string) => string | undefined) =>
    Object.entries(matches ?? {}).map(([name, each]) => fits(each, find(name)));
  return (
    (!match.uri || fits(match.uri, path, match.ignoreUriCase && !("regex" in match.uri))) &&
    (!match.scheme || fits(match.scheme, "http")) &&
    (!match.method || fits(match.method, method)) &&
    (!match.authority || fits(match.authority, authority)) &&
    among(match.headers, (name) => headers[name]).every(Boolean) &&
    !Object.entries(match.withoutHeaders ?? {}).some(([name, each]) =>
      fits(each, headers[name] ?? nothing(each)),
    ) &&
    among(match.queryParams, (name) => parameters.get(name) ?? undefined).every(Boolean)
  );
}

/** Where headers must not be so, one that is not there counts as empty, as with istiod: `withoutHeaders: { x: { regex: a? } }`. */
function nothing(match: TextMatch): string | undefined {
  return Object.keys(match).length > 0 ? "" : undefined;
}

function done(route: HttpRoute, match: HttpMatch, call: Call): Outcome {
  const { directResponse, redirect, fault } = route;
  if (fault) return { status: fault.abort.httpStatus };
  if (directResponse) return { status: directResponse.status, body: directResponse.body.string };
  if (redirect) {
    const location = `http://${redirect.authority ?? call.authority}${redirect.uri ?? call.path}${queryOf(call)}`;
    return { status: redirect.redirectCode ?? 301, location };
  }
  return reached(call, rewritten(route.rewrite?.uri, match, call.path), route);
}

function reached(call: Call, path: string, { route, rewrite, headers }: Partial<HttpRoute> = {}): Outcome {
  return {
    status: 200,
    reached: {
      version: route?.[0].destination.subset,
      path: path + queryOf(call),
      authority: rewrite?.authority ?? call.authority,
      headers: changed(call.headers, headers?.request ?? {}),
    },
  };
}

function queryOf({ query }: Call): string {
  return query === undefined ? "" : `?${query}`;
}

/** "If the original URI was matched based on prefix, the value provided in this field will replace the corresponding matched prefix." */
function rewritten(uri: string | undefined, { uri: match }: HttpMatch, path: string): string {
  if (uri === undefined) return path;
  const prefix = match && "prefix" in match ? (match.prefix ?? "") : match ? path : "/";
  return uri + path.slice(prefix.length);
}

function changed(
  headers: Call["headers"],
  { set = {}, add = {}, remove = [] }: HeaderChanges,
): Readonly<Record<string, string | undefined>> {
  const after = new Map<string, string>(Object.entries(headers));
  for (const [name, value] of Object.entries(set)) after.set(name, value);
  for (const [name, value] of Object.entries(add)) {
    const before = after.get(name);
    after.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  for (const name of remove) after.delete(name);
  return Object.fromEntries(["x-a", "x-b", "x-c"].map((name) => [name, after.get(name)]));
}
