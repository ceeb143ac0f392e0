// What an HTTP route changes of a request on its way, of the answer on its way back, and what it answers by itself, as Istio's reference
// says it. In: the routes and a request. Out: what the client sees and what the server saw.

import { type Cors, cors, defined, type Values } from "./cors.ts";
import { locationOf, type Redirect } from "./redirect.ts";
import { fits, type TextMatch } from "./text-match.ts";
import type { HeaderChanges } from "./virtual-service.ts";

interface Headers {
  readonly request?: HeaderChanges;
  readonly response?: HeaderChanges;
}

export interface Destination {
  readonly destination: { readonly host: string; readonly subset: string };
  readonly weight?: number;
  readonly headers?: Headers;
}

export interface Route {
  readonly match: readonly [{ readonly uri: TextMatch; readonly ignoreUriCase?: boolean }];
  readonly headers?: Headers;
  readonly redirect?: Redirect;
  readonly directResponse?: {
    readonly status: number;
    readonly body?: { readonly string?: string; readonly bytes?: string };
  };
  readonly route?: readonly Destination[];
  readonly rewrite?: {
    readonly uri?: string;
    readonly uriRegexRewrite?: { readonly match: string; readonly rewrite: string };
    readonly authority?: string;
  };
  readonly mirrors?: readonly [{ readonly destination: Destination["destination"] }];
  readonly corsPolicy?: Cors;
  readonly fault?: { readonly abort: { readonly httpStatus: number; readonly percentage: { value: 100 } } };
}

export interface Call {
  readonly method: string;
  /** `reviews:9080`. */
  readonly authority: string;
  readonly port: number;
  readonly path: string;
  /** With its question mark, if any. */
  readonly query: string;
  readonly headers: Values;
  /** Headers of the server's answer. */
  readonly answer: Values;
}

/** What a server saw: the request, and the authority of the copy that another got. */
export interface Arrival {
  readonly path: string;
  readonly authority: string;
  readonly headers: Values;
  readonly copy?: string;
}

export interface Outcome {
  readonly status: number;
  readonly body?: string;
  readonly location?: string;
  readonly headers: Values;
  /** By server: it is one of them. */
  readonly reached?: Readonly<Record<string, Arrival & { readonly answer: Values }>>;
}

export function outcomeOf(routes: readonly Route[], call: Call): Outcome {
  const route = routes.find(({ match: [{ uri, ignoreUriCase }] }) => fits(uri, call.path, ignoreUriCase));
  if (!route) return { status: 404, headers: {} };
  const { fault, directResponse, redirect, headers: { response = {} } = {} } = route;
  if (directResponse) {
    const { string, bytes } = directResponse.body ?? {};
    const body = string ?? Buffer.from(bytes ?? "", "base64").toString();
    return { status: directResponse.status, body, headers: changed({}, response) };
  }
  if (redirect) {
    const location = locationOf(redirect, call, replaced("", route, call.path));
    return { status: redirect.redirectCode ?? 301, location, headers: changed({}, response) };
  }
  // Faults come before CORS, as in istiod's filters (listener_builder.go).
  if (fault) {
    const own = route.route?.[0]?.headers?.response ?? {};
    return { status: fault.abort.httpStatus, headers: changed({}, response, own) };
  }
  const { isAnswer, headers } = cors(route.corsPolicy, call);
  if (isAnswer) return { status: 200, headers };
  return { status: 200, headers, reached: arrivals(route, call) };
}

/** "If the original URI was matched based on prefix, the value provided in this field will replace the corresponding matched prefix." */
function replaced(by: string, { match: [{ uri }] }: Route, path: string): string {
  return by + path.slice("prefix" in uri ? uri.prefix?.length : path.length);
}

function arrivals(route: Route, call: Call): NonNullable<Outcome["reached"]> {
  const { route: all = [], rewrite = {}, headers = {}, mirrors } = route;
  const { uri, uriRegexRewrite: regex } = rewrite;
  const path = regex
    ? rewritten(regex, call.path)
    : uri === undefined
      ? call.path
      : replaced(uri, route, call.path);
  const reachable = all.length === 1 ? all : all.filter(({ weight }) => weight);
  return Object.fromEntries(
    reachable.map(({ destination: { host, subset }, headers: own = {} }) => {
      // Changes of the only destination follow the route's; of several, they go before (processDestination and Envoy's weighted clusters).
      const change = (values: Values, which: keyof Headers) =>
        all.length === 1
          ? changed(values, headers[which] ?? {}, own[which] ?? {})
          : changed(changed(values, own[which] ?? {}), headers[which] ?? {});
      const authority = rewrite.authority ?? hostOf(headers) ?? hostOf(own) ?? call.authority;
      const arrival = {
        path: path + call.query,
        authority,
        headers: change(call.headers, "request"),
        ...(mirrors && { copy: authority }),
      };
      return [`${host}-${subset}`, { ...arrival, answer: change(call.answer, "response") }];
    }),
  );
}

/** With RE2's spelling, wherever it matches. */
function rewritten(
  { match, rewrite }: { readonly match: string; readonly rewrite: string },
  path: string,
): string {
  const [, flag, pattern = ""] = /^(\(\?i\))?(.*)$/.exec(match) ?? [];
  const by = rewrite.replace(/\\(\d)/g, (_, group) => (group === "0" ? "$&" : `$${group}`));
  return path.replace(new RegExp(pattern, flag ? "gi" : "g"), by);
}

function hostOf({ request: { set, add } = {} }: Headers): string | undefined {
  return Object.entries({ ...add, ...set }).find(([name]) => /^(host|:authority)$/i.test(name))?.[1];
}

/** What several say is done together: first all that is removed, then all that is set, then what is added. */
function changed(values: Values, ...all: readonly HeaderChanges[]): Values {
  const after = new Map(Object.entries(values));
  const each = (which: "set" | "add") =>
    all.flatMap((one) =>
      Object.entries(one[which] ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const),
    );
  for (const name of all.flatMap(({ remove = [] }) => remove)) after.delete(name.toLowerCase());
  for (const [name, value] of each("set")) after.set(name, value);
  for (const [name, value] of each("add")) after.set(name, [after.get(name) ?? [], value].flat().join(", "));
  return changeable(Object.fromEntries(after));
}

/** The headers that routes change. */
export function changeable(headers: Values): Values {
  return defined(Object.fromEntries(["x-a", "x-b", "x-c"].map((name) => [name, headers[name]])));
}
