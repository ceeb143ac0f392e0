import test from "ava";
import { formatIdentity, parseIdentity, sameIdentity } from "./index.ts";

const uri = "spiffe://cluster.local/ns/default/sa/bookinfo-reviews";

test("parse and format are inverses", (t) => {
  const identity = parseIdentity(uri);
  t.deepEqual(identity, {
    trustDomain: "cluster.local",
    namespace: "default",
    serviceAccount: "bookinfo-reviews",
  });
  t.is(identity && formatIdentity(identity), uri);
});

for (const bad of [
  "",
  "spiffe://cluster.local",
  "spiffe://cluster.local/ns/default",
  "https://cluster.local/ns/default/sa/x",
  "spiffe://cluster.local/ns/default/sa/x/extra",
  "spiffe://cluster.local/ns//sa/x",
  "spiffe://cluster.local/ns/default/sa/x\n",
]) {
  test(`refuses ${JSON.stringify(bad)}`, (t) => t.is(parseIdentity(bad), undefined));
}

test("identities are equal by value", (t) => {
  const identity = { trustDomain: "a", namespace: "b", serviceAccount: "c" };
  t.true(sameIdentity(identity, { ...identity }));
  t.false(sameIdentity(identity, { ...identity, namespace: "d" }));
});
