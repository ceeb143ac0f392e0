import test from "ava";
import fc from "fast-check";
import { faultOfDomain, faultOfWildcardDomain, hostCovers, hostsOverlap, resolveHost } from "./host.ts";

test("short names get the namespace they are written in; all others stand for themselves", (t) => {
  const resolve = (host: string) => resolveHost(host, "shop", "cluster.local");
  t.is(resolve("Reviews"), "reviews.shop.svc.cluster.local");
  for (const host of ["*", "*.example.com", "reviews.prod", "10.0.0.1", "::1"]) t.is(resolve(host), host);
  t.is(resolve("example.com."), "example.com");
});

test("host names are judged label by label", (t) => {
  for (const good of ["a", "a.b", "A-1.example.com", "a.example.com.", "1a.2b.c"]) {
    t.is(faultOfDomain(good), undefined, good);
    t.is(faultOfWildcardDomain(good), undefined, good);
  }
  for (const good of ["*", "*.example.com", "*-a.example.com", "*a.example.com"]) {
    t.is(faultOfWildcardDomain(good), undefined, good);
    t.not(faultOfDomain(good), undefined, good);
  }
  for (const bad of [
    "",
    "a..b",
    "-a.b",
    "a-.b",
    "a_b.c",
    "a.*.b",
    "a*.b",
    "a.10",
    `${"a".repeat(64)}.b`,
    "a b",
  ]) {
    t.not(faultOfWildcardDomain(bad), undefined, bad);
  }
});

const name = fc
  .array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 3 })
  .map((labels) => labels.join("."));
const pattern = fc.oneof(
  name,
  name.map((rest) => `*.${rest}`),
  fc.constant("*"),
);

/** What a pattern means, said in another way. */
function matches(host: string, one: string): boolean {
  return host.startsWith("*") ? one.endsWith(host.slice(1)) : host === one;
}

test("covering and overlapping agree with what the patterns match", (t) => {
  fc.assert(
    fc.property(pattern, pattern, name, (a, b, one) => {
      if (hostCovers(a, b) && matches(b, one)) t.true(matches(a, one));
      if (matches(a, one) && matches(b, one)) t.true(hostsOverlap(a, b));
      t.is(hostsOverlap(a, b), hostsOverlap(b, a));
    }),
  );
});
