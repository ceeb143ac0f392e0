import test from "ava";
import { type AppliedChange, changeWorld, emptyWorld } from "#runtime";
import type { ClientStatus, StatusEvent, XdsClient } from "#xds-server";
import { type Landing, Landings } from "./landings.ts";

const client = (connectionId: string): XdsClient => ({
  connectionId,
  nodeId: connectionId,
  node: { id: connectionId, cluster: "", metadata: {} } as XdsClient["node"],
  secure: true,
  peer: "127.0.0.1:1",
  discoversHosts: false,
});

const status = (connectionId: string, snapshotId: string): ClientStatus => ({
  client: client(connectionId),
  connectedAt: 0,
  snapshotId,
  types: [],
});

const inSync = (connectionId: string, snapshotId: string): StatusEvent => ({
  kind: "in-sync",
  client: client(connectionId),
  snapshotId,
  refused: 0,
});

const text = (weight: number) => `kind: A\nmetadata: { name: a }\nspec: { weight: ${weight} }\n`;
const previous = changeWorld(emptyWorld(), { upserted: [{ name: "a.yaml", text: text(1) }], removed: [] });
const world = changeWorld(previous, { upserted: [{ name: "a.yaml", text: text(2) }], removed: [] });
const change: AppliedChange = { files: ["a.yaml"], previous, world, startedAt: 0, tookMs: 10 };

function setUp(savedAt: number | undefined) {
  const clock = { now: 10_000 };
  const reports: Landing[] = [];
  const landings = new Landings({
    now: () => clock.now,
    savedAt: () => savedAt,
    report: (landing) => reports.push(landing),
  });
  return { clock, reports, landings };
}

test("lands with the last proxy that has it, timed from the save", (t) => {
  const { clock, reports, landings } = setUp(9_980);
  for (const id of ["a", "b", "c"]) landings.status(inSync(id, "old"));
  landings.changed(change, [status("a", "new"), status("b", "new"), status("c", "old")]);
  landings.status(inSync("a", "new"));
  t.is(reports.length, 0);
  clock.now = 10_050;
  landings.status(inSync("b", "new"));
  t.deepEqual(reports, [
    {
      savedAt: 9_980,
      files: [{ name: "a.yaml", summary: "A a: weight 1 → 2" }],
      proxies: 2,
      tookMs: 70,
      refusals: [],
    },
  ]);
});

test("lands at once when no proxy needs anything new", (t) => {
  const { reports, landings } = setUp(9_980);
  landings.status(inSync("a", "same"));
  landings.changed(change, [status("a", "same")]);
  t.is(reports[0]?.proxies, 0);
});

test("a proxy that goes away is not waited for", (t) => {
  const { reports, landings } = setUp(9_980);
  landings.changed(change, [status("a", "new")]);
  landings.status({ kind: "disconnected", client: client("a"), reason: "gone" });
  t.is(reports.length, 1);
});

test("an old time of saving, as that of a file moved here, does not count", (t) => {
  const { reports, landings } = setUp(1);
  landings.changed(change, []);
  t.is(reports[0]?.tookMs, 10);
});

test("neither does a file that is gone", (t) => {
  const { reports, landings } = setUp(undefined);
  landings.changed(change, []);
  t.is(reports[0]?.tookMs, 10);
});

test("what a proxy refuses is told with the line it comes from", (t) => {
  const { reports, landings } = setUp(9_980);
  landings.changed(change, [status("a", "new")]);
  const position = { file: "a.yaml", line: 3, column: 1, length: 1 };
  landings.status({
    kind: "nacked",
    client: client("a"),
    typeUrl: "t",
    nonce: "1",
    snapshotId: "new",
    code: 3,
    message: "no",
    certain: true,
    resources: [{ origins: [{ position }] }] as never,
  });
  landings.status(inSync("a", "new"));
  t.deepEqual(reports[0]?.refusals, ["no (a.yaml:3)"]);
});
