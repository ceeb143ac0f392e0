import { durationMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { retryPolicy } from "./retry-policy.ts";

test("no policy and no attempts are no retries", (t) => {
  t.is(retryPolicy(undefined, false), undefined);
  t.is(retryPolicy({ attempts: 0, retryOn: "5xx" }, false), undefined);
});

test("the default conditions, on another host", (t) => {
  const policy = retryPolicy({ attempts: 2, retryOn: "" }, false);
  t.is(policy?.numRetries, 2);
  t.is(policy?.retryOn, "connect-failure,refused-stream,unavailable,cancelled");
  t.deepEqual(policy?.retriableStatusCodes, []);
  t.deepEqual(
    policy?.retryHostPredicate.map(({ name }) => name),
    ["envoy.retry_host_predicates.previous_hosts"],
  );
  t.is(policy?.hostSelectionRetryMaxAttempts, 5n);
});

test("numbers are status codes and switch on retrying by them, once", (t) => {
  const policy = retryPolicy({ attempts: 1, retryOn: "5xx, 429,,503" }, false);
  t.is(policy?.retryOn, "5xx,retriable-status-codes");
  t.deepEqual(policy?.retriableStatusCodes, [429, 503]);
  t.is(
    retryPolicy({ attempts: 1, retryOn: "retriable-status-codes,404" }, false)?.retryOn,
    "retriable-status-codes",
  );
  t.deepEqual(retryPolicy({ attempts: 1, retryOn: "gateway-error" }, false)?.retriableStatusCodes, []);
});

test("a hashed route retries where the hash points, unless the policy says otherwise", (t) => {
  t.is(retryPolicy({ attempts: 1, retryOn: "" }, true)?.retryHostPredicate.length, 0);
  const asked = { attempts: 1, retryOn: "", retryIgnorePreviousHosts: true };
  t.is(retryPolicy(asked, true)?.retryHostPredicate.length, 1);
  t.is(retryPolicy({ ...asked, retryIgnorePreviousHosts: false }, false)?.retryHostPredicate.length, 0);
});

test("timeouts, backoff and remote localities", (t) => {
  const policy = retryPolicy(
    { attempts: 1, retryOn: "", perTryTimeoutMs: 250, backoffMs: 100, retryRemoteLocalities: true },
    false,
  );
  t.is(policy?.perTryTimeout && durationMs(policy.perTryTimeout), 250);
  t.is(policy?.retryBackOff?.baseInterval && durationMs(policy.retryBackOff.baseInterval), 100);
  t.is(policy?.retryPriority?.name, "envoy.retry_priorities.previous_priorities");
});
