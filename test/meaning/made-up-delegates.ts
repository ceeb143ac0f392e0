// VirtualServices that delegate, made up at random with those whom they delegate to, and requests that come close to what they match. In:
// nothing. Out: arbitraries, and whom the mesh has to have for them.

import fc from "fast-check";
import { callOf, clients } from "./calls.ts";
import { type Delegate, type Request, type RootRoute, type Route, routesOf } from "./delegate.ts";
import type { TextMatch } from "./text-match.ts";
import type { HttpMatch } from "./virtual-service.ts";

/** Who may get a copy. */
export const mirrors = ["ratings", "details"] as const;

export interface Made extends Request {
  readonly from: string;
}

export interface Policy {
  readonly http: readonly (Route | RootRoute)[];
  readonly delegates: readonly Delegate[];
}

const some = <T>(arbitrary: fc.Arbitrary<T>, weight = 1) => ({ arbitrary, weight });
/** At most so many of the fields. */
const few = <T extends object>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }, maxLength: number) =>
  fc
    .tuple(fc.record(fields), fc.subarray(Object.keys(fields), { maxLength }))
    .map(
      ([all, names]) =>
        Object.fromEntries(
          Object.entries(all).filter(([name, value]) => names.includes(name) && value !== undefined),
        ) as Partial<T>,
    );
const of = (...matches: readonly TextMatch[]) => fc.constantFrom(...matches);

const value = of({ exact: "12" }, { prefix: "1" }, { regex: "1." }, {});
const byName = fc.dictionary(fc.constantFrom("x-a", "x-b"), value, { minKeys: 1, maxKeys: 2 });
/** `leftOut`: the header of `withoutHeaders`. Root and delegate have different ones: what the same would mean is nowhere said. */
const match = (leftOut: string): fc.Arbitrary<HttpMatch> =>
  few<HttpMatch>(
    {
      uri: of(
        ...["/", "/a", "/a/b"].map((prefix) => ({ prefix })),
        ...["/a/b", "/A/B"].map((exact) => ({ exact })),
        { regex: "/a.*" },
      ),
      ignoreUriCase: fc.boolean(),
      scheme: of({ exact: "http" }, { prefix: "http" }),
      method: of({ exact: "GET" }, { exact: "PUT" }, { prefix: "P" }, { regex: "GET|PUT" }),
      authority: of({ prefix: "reviews.shop" }, { exact: "reviews.shop:9080" }, { regex: ".*:9080" }),
      headers: byName,
      withoutHeaders: value.map((each) => ({ [leftOut]: each })),
      queryParams: fc.dictionary(fc.constantFrom("p", "q"), value, { minKeys: 1, maxKeys: 2 }),
      port: fc.constantFrom(80, 9080),
      sourceLabels: fc.constantFrom({ app: "client" }, { app: "stranger" }, { version: "v2" }),
      sourceNamespace: fc.constantFrom("shop", "elsewhere"),
      gateways: fc.constantFrom(["mesh"], ["shop/edge"], ["shop/edge", "mesh"]),
    },
    2,
  ).filter((made) => Object.keys(made).some((key) => key !== "ignoreUriCase"));
const matches = (leftOut: string) =>
  fc.option(fc.array(match(leftOut), { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 4 });

type Inherited = Omit<RootRoute, "name" | "match" | "delegate">;
const inherited: fc.Arbitrary<Inherited> = few<Inherited>(
  {
    rewrite: fc.constantFrom({ uri: "/new" }, { uri: "/" }, { authority: "other.example" }),
    headers: fc.constantFrom(
      { request: { set: { "x-a": "set" } } },
      { request: { add: { "x-c": "added" }, remove: ["x-b"] } },
    ),
    fault: fc.constantFrom(undefined, undefined, {
      abort: { httpStatus: 418, percentage: { value: 100 } },
    } as const),
    timeout: fc.constantFrom("5s", "7s"),
    retries: fc.constantFrom({ attempts: 0 }, { attempts: 3, retryOn: "5xx" } as const),
    mirror: fc.constantFrom(...mirrors).map((name) => ({ host: `${name}.shop.svc.cluster.local` })),
    mirrorPercentage: fc.constantFrom({ value: 0 } as const, { value: 100 } as const),
    corsPolicy: fc
      .constantFrom("http://a.example", "http://b.example")
      .map((exact) => ({ allowOrigins: [{ exact }] }) as const),
  },
  5,
);
const forwards = fc.tuple(inherited, fc.constantFrom("v1", "v2")).map(([more, subset]) => ({
  route: [{ destination: { host: "reviews.shop.svc.cluster.local", subset } }] as const,
  ...more,
}));
const plain: fc.Arbitrary<Route> = fc
  .tuple(
    matches("x-a"),
    fc.oneof(
      some(forwards, 4),
      some(fc.constant({ directResponse: { status: 200, body: { string: "" } } })),
      some(fc.constant({ redirect: { uri: "/moved" } })),
    ),
  )
  .map(([match, action]) => ({ name: "", ...(match && { match }), ...action }));
/** With names, and answers that tell them apart. */
const named = (prefix: string, routes: readonly Route[]): readonly Route[] =>
  routes.map((route, index) => {
    const name = `${prefix}-${index}`;
    const said = route.directResponse && { directResponse: { status: 200, body: { string: name } } };
    return { ...route, name, ...said };
  });

const known = [
  { name: "one", namespace: "shop" },
  { name: "two", namespace: "shop" },
  { name: "one", namespace: "elsewhere" },
] as const;
const delegates = fc.tuple(
  ...known.map((who) =>
    fc.record({
      ...{ name: fc.constant(who.name), namespace: fc.constant(who.namespace) },
      exportTo: fc.constantFrom(["*"], ["shop"], ["elsewhere", "shop"]),
      http: fc
        .array(plain, { minLength: 1, maxLength: 3 })
        .map((all) => named(`${who.namespace}-${who.name}`, all)),
    }),
  ),
);
const delegating: fc.Arbitrary<RootRoute> = fc
  .tuple(
    matches("x-b"),
    inherited,
    fc.constantFrom<RootRoute["delegate"]>({ name: "one" }, { name: "two", namespace: "shop" }, ...known),
  )
  .map(([match, more, delegate]) => ({ name: "root", ...(match && { match }), ...more, delegate }));
const http = fc
  .tuple(fc.array(delegating, { minLength: 1, maxLength: 3 }), fc.array(plain, { maxLength: 1 }))
  .map(([roots, last]) => [...roots, ...named("last", last)]);
export const policies: fc.Arbitrary<Policy> = fc
  .record({ http, delegates })
  // Envoy has no way to replace the beginning of what a pattern fits.
  .filter(({ http, delegates }) =>
    routesOf(http, delegates).every(
      ({ rewrite, match }) => !rewrite?.uri || !match?.some(({ uri }) => uri && "regex" in uri),
    ),
  );

export const requests: fc.Arbitrary<Made> = fc
  .record({
    client: fc.constantFrom(...clients),
    method: fc.constantFrom("GET", "GET", "POST", "PUT"),
    host: fc.constantFrom("reviews.shop", "reviews.shop.svc.cluster.local"),
    port: fc.constantFrom(80, 9080),
    path: fc.constantFrom("/", "/a", "/a/b", "/A/B", "/a/b/c", "/b", "/A"),
    query: fc.constantFrom(undefined, "p=1", "p=12&q=12", "q="),
    headers: fc.dictionary(fc.constantFrom("x-a", "x-b"), fc.constantFrom("1", "12", "x"), { maxKeys: 2 }),
    origin: fc.constantFrom("http://a.example", "http://b.example"),
    replies: fc.constantFrom([200], [200], [503, 200], [503, 503, 503, 200]),
  })
  .map(({ origin, replies, ...wish }) => ({
    from: wish.client.name,
    origin,
    replies,
    call: callOf(wish),
  }));
