import { isIP } from "node:net";
import test from "ava";
import fc from "fast-check";
import { ipFamily, isIpAddress, parseIpRange } from "./ip-range.ts";

test("addresses are ranges of one", (t) => {
  t.deepEqual(parseIpRange("10.0.0.1"), { address: "10.0.0.1", prefixLength: 32, family: 4 });
  t.deepEqual(parseIpRange("2001:db8::1"), { address: "2001:db8::1", prefixLength: 128, family: 6 });
});

test("CIDR blocks", (t) => {
  t.deepEqual(parseIpRange("10.0.0.0/8"), { address: "10.0.0.0", prefixLength: 8, family: 4 });
  t.deepEqual(parseIpRange("::/0"), { address: "::", prefixLength: 0, family: 6 });
  for (const bad of [
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "::/129",
    "a/8",
    "1.2.3.4/8/8",
  ]) {
    t.is(parseIpRange(bad), undefined, bad);
  }
});

test("what is not an address", (t) => {
  for (const bad of [
    "",
    "1.2.3",
    "1.2.3.04",
    "1.2.3.256",
    "::1::",
    "1::2::3",
    ":::",
    "fe80::1%eth0",
    "1.2.3.4:80",
  ]) {
    t.false(isIpAddress(bad), bad);
  }
});

test("agrees with Node on every text made of an address's characters", (t) => {
  const text = fc.string({ unit: fc.constantFrom(..."0123f:.", "::", "255", "1.2.3.4"), maxLength: 12 });
  const wellFormed = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(fc.oneof(text, wellFormed), (sample) => {
      const expected = isIP(sample);
      t.is(ipFamily(sample) ?? 0, expected, sample);
    }),
    { numRuns: 3000 },
  );
});
