import test from "ava";
import fc from "fast-check";
import { reviews, reviewsUri } from "../testing/world.ts";
import { defaultPolicy, type IssuanceRequest, type IssuanceRules, planIssuance } from "./index.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.parse("2027-01-01T00:00:00.700Z");
const justNow = Date.parse("2027-01-01T00:00:00Z");

const request = (over: Partial<IssuanceRequest> = {}): IssuanceRequest => ({
  identity: reviews,
  now,
  entropy: new Uint8Array(16),
  ...over,
});
const rules = (over: Partial<IssuanceRules> = {}): IssuanceRules => ({
  policy: defaultPolicy,
  window: { notBefore: now - 100 * day, notAfter: now + 1000 * day },
  trustDomains: ["cluster.local"],
  ...over,
});

test("ok/default: 24 h from now, begun two minutes ago, renewed after 12 h", (t) => {
  t.deepEqual(planIssuance(request(), rules()), {
    ok: true,
    value: {
      uri: reviewsUri,
      serialNumber: "40000000000000000000000000000000",
      notBefore: justNow - 2 * minute,
      notAfter: justNow + 24 * hour,
      renewAt: Math.floor(now + (justNow + 24 * hour - now) / 2),
    },
  });
});

test("ok/a request for nothing is a request for the default", (t) => {
  t.deepEqual(planIssuance(request({ requestedTtlMs: 0 }), rules()), planIssuance(request(), rules()));
});

test("ok/a longer wish is shortened to the maximum", (t) => {
  const plan = planIssuance(request({ requestedTtlMs: 1000 * day }), rules());
  t.is(plan.ok && plan.value.notAfter, justNow + 90 * day);
});

test("ok/nothing outlives or precedes the issuing chain", (t) => {
  const window = { notBefore: justNow - minute, notAfter: justNow + hour };
  const plan = planIssuance(request(), rules({ window }));
  t.true(plan.ok);
  if (!plan.ok) return;
  t.is(plan.value.notBefore, window.notBefore);
  t.is(plan.value.notAfter, window.notAfter);
  t.is(plan.value.renewAt, Math.floor(now + (window.notAfter - now) / 2));
});

test("ok/an identity of a trust domain alias", (t) => {
  const identity = { ...reviews, trustDomain: "old.domain" };
  const plan = planIssuance(request({ identity }), rules({ trustDomains: ["cluster.local", "old.domain"] }));
  t.is(plan.ok && plan.value.uri, "spiffe://old.domain/ns/default/sa/bookinfo-reviews");
});

for (const requestedTtlMs of [-1, 999, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
  test(`fail/a lifetime of ${requestedTtlMs} ms`, (t) => {
    const plan = planIssuance(request({ requestedTtlMs }), rules());
    t.is(!plan.ok && plan.problem.code, "lifetime-invalid");
  });
}

test("fail/the issuing chain has ended, or not begun", (t) => {
  for (const window of [
    { notBefore: now - day, notAfter: now - 1 },
    { notBefore: now + minute, notAfter: now + day },
  ]) {
    const plan = planIssuance(request(), rules({ window }));
    t.is(!plan.ok && plan.problem.code, "issuer-expired");
  }
});

test("fail/an identity of another trust domain", (t) => {
  const plan = planIssuance(request({ identity: { ...reviews, trustDomain: "evil" } }), rules());
  t.is(!plan.ok && plan.problem.code, "foreign-trust-domain");
  t.false(!plan.ok && plan.problem.message.includes("evil"), "the peer is told a constant sentence");
});

test("property/whatever is asked, a certificate is good now, inside the chain, within the cap, and renewed before its end", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 400 * day }),
      fc.integer({ min: 0, max: 100 * day }),
      fc.integer({ min: 1000, max: 400 * day }),
      fc.integer({ min: 0, max: 4e12 }),
      (requestedTtlMs, before, after, at) => {
        const window = { notBefore: at - before, notAfter: at + after };
        const plan = planIssuance(request({ requestedTtlMs, now: at }), rules({ window }));
        if (!plan.ok) return plan.problem.code === "issuer-expired" && after < 2000;
        const { notBefore, notAfter, renewAt } = plan.value;
        return (
          notBefore <= at &&
          at < notAfter &&
          notBefore >= window.notBefore - 999 &&
          notAfter <= window.notAfter &&
          notAfter - at <= Math.min(requestedTtlMs, 90 * day) &&
          at <= renewAt &&
          renewAt < notAfter &&
          notBefore % 1000 === 0 &&
          notAfter % 1000 === 0
        );
      },
    ),
  );
  t.pass();
});
