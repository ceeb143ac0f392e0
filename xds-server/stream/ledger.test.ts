import test from "ava";
import { lookUp } from "#immutable";
import { resource } from "../testing/resources.ts";
import {
  bookOf,
  emptyLedger,
  isOfSurroundings,
  type Judge,
  type Ledger,
  type LedgerEvent,
  quarantined,
  stepLedger,
} from "./ledger.ts";

const envoy: Judge = { connectionId: "1", nodeId: "one", class: "envoy 1.40.0" };
const second: Judge = { ...envoy, connectionId: "2", nodeId: "two" };
const older: Judge = { connectionId: "3", nodeId: "three", class: "envoy 1.30.0" };
const listener = resource("LDS", "l", { v: 1, from: "l.yaml:3" });
const { typeUrl, version } = listener;

function play(...events: readonly LedgerEvent[]): Ledger {
  return events.reduce(stepLedger, emptyLedger);
}

const sent = (judge: Judge, at = 0): LedgerEvent => ({
  kind: "sent",
  judge,
  typeUrl,
  resources: [listener],
  at,
});
const accepted = (judge: Judge): LedgerEvent => ({ kind: "accepted", judge, typeUrl, resources: [listener] });
const refused = (judge: Judge, message = "bad", certain = true): LedgerEvent => ({
  kind: "refused",
  judge,
  typeUrl,
  resources: [listener],
  certain,
  message,
  at: 5,
});
const book = (ledger: Ledger, { class: name }: Judge) => bookOf(ledger.get(name) ?? new Map(), typeUrl);

test("the first to be sent a version tries it, until it answers or is gone", (t) => {
  const tried = play(sent(envoy, 1), sent(second, 2));
  t.deepEqual(lookUp(book(tried, envoy).trials, version), { by: "1", since: 1, suspected: false });
  t.is(book(stepLedger(tried, { kind: "rested", judge: second }), envoy).trials.size, 1);
  t.is(book(stepLedger(tried, { kind: "rested", judge: envoy }), envoy).trials.size, 0);
  const settled = stepLedger(tried, accepted(envoy));
  t.is(book(settled, envoy).trials.size, 0);
  t.is(stepLedger(settled, sent(second)), settled, "what was accepted once is tried by nobody");
  t.is(stepLedger(settled, accepted(second)), settled);
});

test("a list accepted by one software is tried by another", (t) => {
  const resources = [listener, resource("LDS", "m", 1)];
  const list = (kind: "sent" | "accepted", judge: Judge): LedgerEvent =>
    kind === "sent" ? { kind, judge, typeUrl, resources, at: 1 } : { kind, judge, typeUrl, resources };
  const ledger = play(list("sent", older), list("accepted", older), list("sent", older), list("sent", envoy));
  t.is(book(ledger, older).trials.size, 0);
  t.is(book(ledger, envoy).trials.size, 2);
});

test("other software judges for itself", (t) => {
  const ledger = play(sent(older), refused(older), sent(envoy), accepted(envoy));
  t.true(book(ledger, older).refused.has(version));
  t.false(book(ledger, envoy).refused.has(version));
});

test("a refusal outweighs what others accepted, before and after it, and names the place", (t) => {
  for (const ledger of [play(accepted(second), refused(envoy)), play(refused(envoy), accepted(second))]) {
    t.deepEqual(quarantined(ledger), [
      {
        typeUrl,
        name: "l",
        version,
        origins: listener.origins,
        message: "bad",
        nodeId: "one",
        at: 5,
      },
    ]);
    t.is(lookUp(book(ledger, envoy).accepted, version), undefined);
  }
});

test("one of several refused is suspected, and still tried by the same client", (t) => {
  const ledger = play(sent(envoy, 1), refused(envoy, "one of them", false), sent(envoy, 7));
  t.deepEqual(lookUp(book(ledger, envoy).trials, version), { by: "1", since: 5, suspected: true });
  t.deepEqual(quarantined(ledger), []);
});

test("a refusal because of the client's own machine puts nothing in quarantine", (t) => {
  const message = "error adding listener '0.0.0.0:80': cannot bind '0.0.0.0:80': Address already in use";
  t.deepEqual(quarantined(play(sent(envoy), refused(envoy, message))), []);
  t.false(isOfSurroundings("duplicate filter chain match"));
});
