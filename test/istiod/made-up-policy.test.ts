// The worlds that are made up can be compared: Fairlead compiles nearly all of them, and agrees with itself about each.

import test from "ava";
import { differencesBetween } from "./differences.ts";
import { makeUpPolicies, policyText, worldOf } from "./made-up-policy.ts";
import { viewOf } from "./views.ts";
import { compileWorld, configurationOf, obstacles } from "./worlds.ts";

const wish = { seed: 7, worlds: 25, rivals: false };
const policies = makeUpPolicies(wish);

test("they compile without errors", (t) => {
  const found = policies.flatMap((objects, index) =>
    obstacles(compileWorld(worldOf(`${index}`, objects)).diagnostics),
  );
  t.deepEqual(found, []);
});

test("what two compilations make of one world does not differ", (t) => {
  for (const objects of policies.slice(0, 5)) {
    const world = worldOf("", objects);
    const [one, other] = [compileWorld(world), compileWorld(world)];
    for (const proxy of world.proxies) {
      const views = [one, other].map(({ mesh }) => viewOf(configurationOf(mesh, proxy)));
      // A gateway with nothing bound to it has no listeners.
      t.true(proxy.type === "router" || Object.keys(views[0]?.listeners ?? {}).length > 0);
      t.deepEqual(differencesBetween(views[0] ?? {}, views[1] ?? {}), []);
    }
  }
});

test("what a world means is seen in a view", (t) => {
  const views = policies.map((objects) => {
    const world = worldOf("", objects);
    const { mesh } = compileWorld(world);
    return JSON.stringify(world.proxies.map((proxy) => viewOf(configurationOf(mesh, proxy))));
  });
  t.true(new Set(views).size > 20);
});

test("the same wish gives the same policies, and more worlds the same beginning", (t) => {
  const [first] = policies;
  const [again] = makeUpPolicies({ ...wish, worlds: 2 });
  t.is(policyText(first ?? []), policyText(again ?? []));
});

test("only kinds that are wished for are left", (t) => {
  const kinds = makeUpPolicies({ ...wish, kinds: ["Sidecar"] }).flatMap((all) => all.map(({ kind }) => kind));
  t.deepEqual([...new Set(kinds)], ["Sidecar"]);
});
