// Timeouts, retries, faults, mirrors and weights made up at random, and calls to servers that are asked to fail in all ways.

import fc from "fast-check";
import type { Call, Destination, Route } from "./resilience.ts";
import type { Retries } from "./retries.ts";

export interface Policy {
  readonly routes: readonly Route[];
  readonly meshRetries: Retries | undefined;
}

/** A call, or many alike. */
export interface Request {
  readonly to: number | "ratings";
  readonly call?: Call;
}

const conditions = [
  ...["5xx", "gateway-error", "reset", "connect-failure", "refused-stream", "reset-before-request"],
  ...["retriable-4xx", "retriable-status-codes", "retriable-headers", "envoy-ratelimited"],
  ...["cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"],
  ...["503", "500", "418", "429"],
];
const retryOn = fc
  .uniqueArray(fc.constantFrom(...conditions, "5xx", "gateway-error", "reset", "503"), {
    minLength: 1,
    maxLength: 3,
  })
  .map((all) => all.join());
const more = {
  retryOn,
  retryRemoteLocalities: fc.boolean(),
  retryIgnorePreviousHosts: fc.boolean(),
  backoff: fc.constantFrom("1ms", "0.005s"),
};
const never: fc.Arbitrary<Retries> = fc.constantFrom({ attempts: 0 }, {}, { backoff: "1s" });
const meshRetries: fc.Arbitrary<Retries> = fc.oneof(
  never,
  fc.record({ attempts: fc.constant(1), ...more }, { requiredKeys: ["attempts"] }),
  fc.record({ attempts: fc.constant(3), retryOn }),
);
const retries: fc.Arbitrary<Retries> = fc.oneof(
  { arbitrary: never, weight: 1 },
  // As many as these take longer than the longer timeout unless they follow at once.
  { arbitrary: fc.record({ attempts: fc.constant(12), retryOn, backoff: fc.constant("1ms") }), weight: 1 },
  {
    arbitrary: fc.record(
      { attempts: fc.constantFrom(1, 2, 3), ...more, perTryTimeout: fc.constantFrom("0.12s", "250ms") },
      { requiredKeys: ["attempts"] },
    ),
    weight: 6,
  },
);

const percentage = fc.constantFrom({ value: 100 }, { value: 100 }, { value: 0 }, {});
const fault = fc
  .record(
    {
      delay: fc.record(
        { fixedDelay: fc.constantFrom("0.2s", "150ms"), percentage, percent: fc.constantFrom(0, 100) },
        { requiredKeys: ["fixedDelay"] },
      ),
      abort: fc.record(
        { httpStatus: fc.constantFrom(418, 503, 200), percentage },
        { requiredKeys: ["httpStatus"] },
      ),
    },
    { requiredKeys: [] },
  )
  .filter(({ delay, abort }) => delay !== undefined || abort !== undefined);

const copy: fc.Arbitrary<Destination> = fc.constantFrom(
  { host: "copies", subset: "v1" },
  { host: "copies", subset: "v2" },
);
const mirrors = fc.oneof(
  fc.record(
    { mirror: copy, mirrorPercentage: percentage, mirrorPercent: fc.constantFrom(0, 100) },
    { requiredKeys: ["mirror"] },
  ),
  fc.record({
    mirrors: fc.array(fc.record({ destination: copy, percentage }, { requiredKeys: ["destination"] }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.constant({}),
);
const weight = fc.constantFrom(1, 50, 100, 0);
const [v1, v2] = ["v1", "v2"].map((subset) => ({ destination: { host: "reviews", subset } }));
const destinations: fc.Arbitrary<Route["route"]> = fc.oneof(
  fc.constantFrom([{ ...v1, weight: 0 }], [{ ...v2, weight: 30 }], [v1]),
  fc.tuple(weight, weight).map(([one, other]) => [
    { ...v1, weight: one },
    { ...v2, weight: one + other === 0 ? 1 : other },
  ]),
) as fc.Arbitrary<Route["route"]>;

const route: fc.Arbitrary<Route> = fc
  .tuple(
    fc.record(
      { route: destinations, timeout: fc.constantFrom("0.2s", "200ms", "2s"), retries, fault },
      { requiredKeys: ["route"] },
    ),
    mirrors,
    fc.integer({ min: 0, max: 2 }),
  )
  // Where there is always a fault, nothing else is seen.
  .map(([{ fault, ...made }, mirrors, faulty]) => ({
    ...made,
    ...mirrors,
    ...(fault && faulty === 0 && { fault }),
  }));

const call: fc.Arbitrary<Call> = fc.record({
  replies: fc.constantFrom(
    ...[["200"], ["503"], ["500"], ["503", "200"], ["418"], ["409", "200"], ["429", "503", "200"], ["504"]],
    ...[["reset"], ["reset", "200"], ["502", "500", "200"], ["grpc-14"], ["grpc-1", "200"], ["grpc-13"]],
    ...[["grpc-4"], ["grpc-8", "200"]],
  ),
  waitMs: fc.constantFrom(0, 0, 0, 0, 350),
  headers: fc.constantFrom<Call["headers"]>(
    {},
    {},
    { "x-envoy-upstream-rq-timeout-ms": "100", "x-forwarded-for": "10.0.0.1" },
    { "x-envoy-upstream-rq-per-try-timeout-ms": "100" },
    { "x-envoy-max-retries": "5", "x-envoy-retry-on": "5xx" },
  ),
});
const shares: fc.Arbitrary<Route> = fc
  .record({
    weights: fc.array(fc.constantFrom(undefined, 0, 1, 1, 1), { minLength: 3, maxLength: 3 }),
    scale: fc.constantFrom(1, 7, 50, 100),
    fault: fc.constantFrom(undefined, undefined, { abort: { httpStatus: 418, percentage: { value: 50 } } }),
  })
  .filter(({ weights }) => weights.some((weight) => weight))
  .map(({ weights, scale, fault }) => ({
    route: [v1, v2, { destination: { host: "ratings", subset: "v1" } }].map((to, index) => {
      const weight = weights[index];
      return { ...to, ...(weight !== undefined && { weight: weight * scale }) };
    }),
    ...(fault && { fault }),
  })) as fc.Arbitrary<Route>;
const toHalf: fc.Arbitrary<Route> = fc
  .record(
    {
      retries: fc.oneof(
        never,
        fc.record(
          {
            attempts: fc.constantFrom(1, 2),
            retryOn,
            retryIgnorePreviousHosts: fc.constant(true),
            backoff: fc.constant("1ms"),
          },
          { requiredKeys: ["attempts"] },
        ),
        fc.record({ attempts: fc.constant(1), retryIgnorePreviousHosts: fc.constant(false) }),
      ),
    },
    { requiredKeys: [] },
  )
  .map((more) => ({ route: [{ destination: { host: "half" } }], ...more }));

/** Of the routes, the last two are for many calls. `ratings` has no routes. */
export const request: fc.Arbitrary<Request> = fc.oneof(
  { arbitrary: fc.record({ to: fc.constantFrom(0, 1, 2, "ratings" as const), call }), weight: 5 },
  { arbitrary: fc.record({ to: fc.constantFrom(3, 4) }), weight: 1 },
);

export const policy: fc.Arbitrary<Policy> = fc.record({
  routes: fc.tuple(route, route, route, fc.oneof(shares, toHalf), toHalf).map((all): readonly Route[] => all),
  meshRetries: fc.option(meshRetries, { nil: undefined, freq: 2 }),
});
