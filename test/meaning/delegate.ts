// What routes that delegate mean, as Istio's reference says it, and istiod where that is silent: the delegate's routes stand in the place
// of the root's, each with what both match by, and with what the root says and it does not; "the delegate's HTTPMatchRequest must be a strict
// subset of the root's, otherwise there is a conflict and the HTTPRoute will not take effect". In: a root, who is delegated to, and a
// request. Out: plain routes, and their effect.

import type { TextMatch } from "./text-match.ts";
import { type Call, type HttpMatch, type HttpRoute, type Outcome, outcomeOf } from "./virtual-service.ts";

export interface Route extends HttpRoute {
  readonly timeout?: `${number}s`;
  readonly retries?: { readonly attempts: number; readonly retryOn?: "5xx" };
  readonly mirror?: { readonly host: string };
  /** "If this field is absent, all the traffic (100%) will be mirrored." */
  readonly mirrorPercentage?: { readonly value: 0 | 100 };
  readonly corsPolicy?: { readonly allowOrigins: readonly [{ readonly exact: string }] };
}

/** Has no action of its own. */
export interface RootRoute extends Omit<Route, "route" | "redirect" | "directResponse"> {
  /** The root's namespace where none is named. */
  readonly delegate: { readonly name: string; readonly namespace?: string };
}

/** A VirtualService without hosts. */
export interface Delegate {
  readonly name: string;
  readonly namespace: string;
  /** Such that the root's namespace may see it: that it may not is an error. */
  readonly exportTo?: readonly string[];
  readonly http: readonly Route[];
}

export interface Effect extends Outcome {
  readonly timeout?: string | undefined;
  readonly allowedOrigin?: string | undefined;
  /** Who gets a copy. */
  readonly mirrored?: string | undefined;
}

export interface Request {
  readonly call: Call;
  readonly origin: string;
  /** The statuses that its attempts are answered with; the last one from then on. */
  readonly replies: readonly number[];
}

const rootNamespace = "shop";

export function routesOf(
  http: readonly (Route | RootRoute)[],
  delegates: readonly Delegate[],
): readonly Route[] {
  return http.flatMap((route) => {
    if (!("delegate" in route)) return [route];
    const { delegate, ...root } = route;
    const { namespace = rootNamespace } = delegate;
    const found = delegates.find((each) => each.name === delegate.name && each.namespace === namespace);
    return (found?.http ?? []).flatMap((leaf) => merged(root, leaf));
  });
}

/** The delegate has the last word on everything but the match. */
function merged(root: Omit<RootRoute, "delegate">, leaf: Route): readonly Route[] {
  const match = mergedMatches(root.match, leaf.match);
  if (match === "conflict") return [];
  return [{ ...root, ...leaf, name: `${root.name}-${leaf.name}`, ...(match && { match }) }];
}

type Matches = readonly HttpMatch[] | undefined;

/** Each of the delegate's has to be within one of the root's. */
function mergedMatches(roots: Matches, leaves: Matches): Matches | "conflict" {
  if (!roots || !leaves) return roots ?? leaves;
  const joined = leaves.map((leaf) =>
    roots.filter((root) => isWithin(leaf, root)).map((root) => mergedMatch(root, leaf)),
  );
  return joined.some((each) => each.length === 0) ? "conflict" : joined.flat();
}

/** What only one of them mentions is no conflict. */
function isWithin(leaf: HttpMatch, root: HttpMatch): boolean {
  const all = (texts: HttpMatch["headers"], says: (name: string, text: TextMatch) => boolean) =>
    Object.entries(texts ?? {}).every(([name, text]) => says(name, text));
  const areEqual = <T>(one: T | undefined, other: T | undefined) =>
    one === undefined || other === undefined || one === other;
  return (
    (!leaf.uri || !root.uri || (leaf.ignoreUriCase ?? false) === (root.ignoreUriCase ?? false)) &&
    (["uri", "scheme", "method", "authority"] as const).every((name) => implies(leaf[name], root[name])) &&
    all(leaf.headers, (name, text) => implies(text, root.headers?.[name])) &&
    all(leaf.queryParams, (name, text) => implies(text, root.queryParams?.[name])) &&
    areEqual(leaf.port, root.port) &&
    areEqual(leaf.sourceNamespace, root.sourceNamespace) &&
    Object.entries(leaf.sourceLabels ?? {}).every(([name, value]) =>
      areEqual(value, root.sourceLabels?.[name]),
    ) &&
    (leaf.gateways ?? []).every((gateway) => !root.gateways || root.gateways.includes(gateway))
  );
}

/** Whatever the one takes the other takes. istiod says so of texts and beginnings only; equal patterns are in `docs/differences.md`. */
function implies(leaf: TextMatch | undefined, root: TextMatch | undefined): boolean {
  if (!leaf || !root || Object.keys(root).length === 0) return true;
  const [[kind, text] = ["", ""]] = Object.entries(leaf);
  const [[rootKind, rootText] = ["", ""]] = Object.entries(root);
  if (rootKind === "prefix" && kind === "exact") return text.startsWith(rootText);
  return kind === rootKind && (kind === "prefix" ? text.startsWith(rootText) : text === rootText);
}

function mergedMatch(root: HttpMatch, leaf: HttpMatch): HttpMatch {
  const { ignoreUriCase = false } = leaf.uri ? leaf : root;
  return {
    ...root,
    ...leaf,
    ignoreUriCase,
    headers: { ...root.headers, ...leaf.headers },
    withoutHeaders: { ...root.withoutHeaders, ...leaf.withoutHeaders },
    queryParams: { ...root.queryParams, ...leaf.queryParams },
    sourceLabels: { ...root.sourceLabels, ...leaf.sourceLabels },
  };
}

export function effectOf(routes: readonly Route[], { call, origin, replies }: Request): Effect {
  const outcome = outcomeOf(routes, call);
  if (!outcome.reached) return outcome;
  const route = chosen(routes, call);
  // By default what a server has answered is not asked for again: `connect-failure,refused-stream,unavailable,cancelled`.
  const attempts = 1 + (route?.retries?.attempts ?? 0);
  const failures = replies.findIndex((status) => status < 500);
  const isAllowed = route?.corsPolicy?.allowOrigins[0].exact === origin;
  return {
    ...outcome,
    status: replies[Math.min(attempts - 1, failures)] ?? 0,
    timeout: route?.timeout,
    allowedOrigin: isAllowed ? origin : undefined,
    mirrored: route?.mirrorPercentage?.value === 0 ? undefined : route?.mirror?.host.split(".")[0],
  };
}

/** The one that answers: found by what it would say if that was all it did. */
function chosen(routes: readonly Route[], call: Call): Route | undefined {
  const named = routes.map(({ match }, index) => ({
    name: `${index}`,
    ...(match && { match }),
    directResponse: { status: 200, body: { string: `${index}` } },
  }));
  return routes[Number(outcomeOf(named, call).body)];
}
