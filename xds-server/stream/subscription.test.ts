import test from "ava";
import { layeredMap, namesIn } from "#immutable";
import { deliveryRule, typeUrls } from "../cache/resource-types.ts";
import { snapshotOf } from "../testing/resources.ts";
import { testSettings as settings } from "../testing/settings.ts";
import { applyRequest } from "./request.ts";
import { startSession } from "./session.ts";
import { changeSubscription, noSubscription, type Subscription } from "./subscription.ts";

const typeUrl = typeUrls.endpoints;
const rule = deliveryRule(typeUrl);
const start = { connectionId: "c", settings, secure: true, expects: [], at: 0 };
const list = ["a", "b", "c"];
const shared = { list, names: layeredMap(new Map(list.map((name) => [name, true as const]))) };

test("what others ask for as well is the map that they have, and means the same", (t) => {
  const befores: readonly Subscription[] = [
    noSubscription,
    { ...noSubscription, wildcard: true },
    { ...noSubscription, names: layeredMap(new Map([["d", true]])) },
  ];
  for (const before of befores) {
    for (const unsubscribe of [[], ["a"], ["*"], ["d"]]) {
      const request = { subscribe: list.toReversed(), unsubscribe };
      const [one, other] = [shared, undefined].map((known) =>
        changeSubscription(before, request, false, rule, known),
      );
      t.deepEqual(plain(one), plain(other));
    }
  }
});

test("two sessions that ask for everything have one map of it before they are sent any", (t) => {
  const snapshot = snapshotOf({ EDS: { a: 1, b: 1, c: 1 } });
  const [one, other] = [list, list.toReversed()].map((subscribe) => {
    const request = { typeUrl, subscribe, unsubscribe: [], initialVersions: new Map(), nonce: "" };
    const applied = applyRequest({ ...startSession(start), snapshot }, request, []);
    return applied.types.get(typeUrl);
  });
  t.is(one?.subscription.names, other?.subscription.names);
  t.is(one?.dirty, other?.dirty);
  t.deepEqual([...namesIn(one?.subscription.names ?? layeredMap())].sort(), list);
});

function plain(change: ReturnType<typeof changeSubscription> | undefined) {
  const { subscription, asked = [], ...others } = change ?? { subscription: noSubscription };
  const names = [...namesIn(subscription.names)].sort();
  return { ...others, asked: asked.toSorted(), wildcard: subscription.wildcard, names };
}
