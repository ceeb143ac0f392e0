import test from "ava";
import { isAtLeast, parseEnvoyVersion } from "./version.ts";

test("reads a release, and one still in development", (t) => {
  const commit = "9e5580933739775e8bce696a57a2e1bc99368f23";
  t.is(parseEnvoyVersion(`\n/x/envoy  version: ${commit}/1.40.0/Clean/RELEASE/BoringSSL\n\n`), "1.40.0");
  t.is(parseEnvoyVersion(`envoy  version: ${commit}/1.41.0-dev/Modified/DEBUG/BoringSSL`), "1.41.0");
});

test("reads nothing out of what is not Envoy", (t) => {
  t.is(parseEnvoyVersion(""), undefined);
  t.is(parseEnvoyVersion("nginx version: 1.40.0"), undefined);
});

test("compares numbers, not text", (t) => {
  t.true(isAtLeast("1.40.0", "1.36.0"));
  t.true(isAtLeast("1.36.0", "1.36.0"));
  t.true(isAtLeast("2.0.0", "1.36.5"));
  t.false(isAtLeast("1.9.9", "1.36.0"));
  t.false(isAtLeast("1.36.0", "1.36.1"));
});
