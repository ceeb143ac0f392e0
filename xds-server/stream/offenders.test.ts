import test from "ava";
import { namedIn } from "./offenders.ts";

const names = [
  "outbound|9080||reviews.default.svc.cluster.local",
  "outbound|9080|v1|reviews.default.svc.cluster.local",
  "outbound|9080||reviews.default.svc.cluster.local.example",
  "virtualInbound",
  "virtualInbound-extra",
];

test("Envoy's own sentences", (t) => {
  t.deepEqual(
    namedIn(
      "Error adding/updating cluster(s) outbound|9080|v1|reviews.default.svc.cluster.local: bad, virtualInbound: x",
      names,
    ),
    ["outbound|9080|v1|reviews.default.svc.cluster.local", "virtualInbound"],
  );
  t.deepEqual(namedIn("Error adding/updating listener(s) virtualInbound: no such filter\n", names), [
    "virtualInbound",
  ]);
  t.deepEqual(
    namedIn("Only unique values for domains are permitted in route 0.0.0.0:80.", ["0.0.0.0:80", "0.0.0.0"]),
    ["0.0.0.0:80"],
  );
});

test("a name that is only a part of a longer one is not named", (t) => {
  t.deepEqual(namedIn("outbound|9080||reviews.default.svc.cluster.local.example failed", names), [
    "outbound|9080||reviews.default.svc.cluster.local.example",
  ]);
  t.deepEqual(namedIn("virtualInbound-extra is bad", names), ["virtualInbound-extra"]);
});

test("a later occurrence counts where an earlier one is a part", (t) => {
  t.deepEqual(namedIn("virtualInbound-extra and virtualInbound", names), [
    "virtualInbound",
    "virtualInbound-extra",
  ]);
});

test("nothing is named by nothing", (t) => {
  t.deepEqual(namedIn("", names), []);
  t.deepEqual(namedIn("something", [""]), []);
});
