import test from "ava";
import { nearestName } from "./nearest-name.ts";

const fields = ["hosts", "http", "tls", "tcp", "exportTo", "perTryTimeout", "subset"];

test("slips of the finger and other ways to write a name are recognized", (t) => {
  for (const [written, meant] of [
    ["htpp", "http"],
    ["host", "hosts"],
    ["subsett", "subset"],
    ["per_try_timeout", "perTryTimeout"],
    ["exportto", "exportTo"],
    ["perTryTimout", "perTryTimeout"],
    ["tsl", "tls"],
  ] as const) {
    t.is(nearestName(written, fields), meant);
  }
});

test("names that are like none are left alone", (t) => {
  for (const written of ["websocketUpgrade", "x", "", "gateways"])
    t.is(nearestName(written, fields), undefined);
});

test("of equally near names the first in the alphabet is taken, whatever the order given", (t) => {
  t.is(nearestName("tXp", ["tzp", "tap"]), "tap");
  t.is(nearestName("tXp", ["tap", "tzp"]), "tap");
});
