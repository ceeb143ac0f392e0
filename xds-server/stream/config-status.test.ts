import test from "ava";
import { snapshotOf, typesByShortName, type World } from "../testing/resources.ts";
import { testSettings as settings } from "../testing/settings.ts";
import { configStatuses } from "./config-status.ts";
import type { DeltaRequest } from "./messages.ts";
import { type SessionState, startSession, stepSession } from "./session.ts";
import { typeStatuses } from "./status.ts";

const ask = (shortName: string, subscribe: readonly string[], nonce = ""): DeltaRequest => ({
  typeUrl: typesByShortName[shortName] ?? "",
  subscribe,
  unsubscribe: [],
  initialVersions: new Map(),
  nonce,
});

function session(world: World, ...requests: readonly DeltaRequest[]): SessionState {
  let state = startSession({ connectionId: "c", settings, secure: true, expects: [], at: 0 });
  state = stepSession(state, { kind: "snapshot", snapshot: snapshotOf(world), at: 0 }).state;
  for (const request of requests) {
    state = stepSession(state, { kind: "request", request, at: 1 }).state;
    state = stepSession(state, { kind: "written", at: 1 }).state;
  }
  return state;
}

test("a secret is named, and never shown", (t) => {
  const world: World = { SDS: { key: 1, roots: { v: 1, trustBundle: true } } };
  const [key, roots] = configStatuses(session(world, ask("SDS", ["key", "roots"]), ask("SDS", [], "1")));
  t.is(key?.name, "key");
  t.is(key?.standing, "accepted");
  t.is(key?.body, undefined);
  t.true((roots?.body?.byteLength ?? 0) > 0);
});

test("an endpoint list that does not exist is absent, although an empty one was accepted", (t) => {
  const [found] = configStatuses(session({}, ask("EDS", ["e"]), ask("EDS", [], "1")));
  t.is(found?.standing, "absent");
});

test("what waits for its turn is pending", (t) => {
  const world: World = { CDS: { c: 1 }, LDS: { l: 1 } };
  const found = configStatuses(session(world, ask("CDS", []), ask("LDS", [])));
  t.deepEqual(
    found.map(({ name, standing, version }) => [name, standing, version]),
    [
      ["c", "sent", undefined],
      ["l", "pending", undefined],
    ],
  );
});

test("a route whose cluster was refused is withheld, and not on its way", (t) => {
  const world: World = {
    CDS: { c: { v: 1, endpoints: "static" } },
    RDS: { r: { v: 1, to: ["c"], from: "routes.yaml:7" } },
  };
  const state = session(
    world,
    ask("CDS", []),
    { ...ask("CDS", [], "1"), error: { code: 13, message: "c: no" } },
    ask("RDS", ["r"]),
    ask("RDS", [], "2"),
  );
  const [cluster, route] = configStatuses(state);
  t.is(cluster?.standing, "refused");
  t.is(route?.standing, "withheld");
  t.is(route?.reason?.message, "not sent as it is, because a cluster that it needs was refused: c");
  const [, routes] = typeStatuses(state);
  t.is(routes?.pending, 0);
  t.deepEqual(
    routes?.refused.map(({ name, origins }) => [name, origins[0]?.position.line]),
    [["r", 7]],
  );
});
