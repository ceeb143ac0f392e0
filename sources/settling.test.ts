import test from "ava";
import { Hints } from "./hints.ts";
import { Ledger } from "./ledger.ts";
import { decodeText, type Observation } from "./read-text.ts";
import {
  ceiling,
  doubtOf,
  doubts,
  longestQuiet,
  quietAfterMoves,
  quietFor,
  shortestQuiet,
  summarize,
} from "./settling.ts";

type Seen = Extract<Observation, { kind: "text" }>;
const seen = (text: string) => decodeText(Buffer.from(text), `signature of ${text}`) as Seen;
const missing: Observation = { kind: "missing", signature: "missing" };
const unreadable: Observation = { kind: "unreadable", signature: "EACCES", message: "permission denied" };
const long = `${"one\n".repeat(50)}two\n`;
const known = { ...summarize({ ...seen("one\ntwo\n"), file: "1:7" }), hash: "hash" };

for (const { title, observation, before, wait } of [
  {
    title: "a longer text that ends its line",
    observation: seen("one\ntwo\nthree\n"),
    before: known,
    wait: 0,
  },
  { title: "a text never seen", observation: seen("one"), before: undefined, wait: 0 },
  { title: "a shorter text", observation: seen("one\n"), before: known, wait: doubts.cut },
  {
    title: "a shorter text that ends as it did",
    observation: seen(long.slice(10)),
    before: { ...summarize(seen(long)), hash: "hash" },
    wait: doubts.shortened,
  },
  {
    title: "a text without its last line end",
    observation: seen("one\ntwo\nthr"),
    before: known,
    wait: doubts.cut,
  },
  {
    title: "a shorter text in another file that was moved there",
    observation: { ...seen("one\n"), file: "1:8", moved: true } as Observation,
    before: known,
    wait: 0,
  },
  {
    title: "a shorter text in another file that is written where it is",
    observation: { ...seen("one\n"), file: "1:8" },
    before: known,
    wait: doubts.cut,
  },
  {
    title: "a shorter text in the same file, whose permissions changed since",
    observation: { ...seen("one\n"), file: "1:7", moved: true } as Observation,
    before: known,
    wait: doubts.cut,
  },
  {
    title: "an empty file that was moved there",
    observation: { ...seen(""), file: "1:8", moved: true } as Observation,
    before: known,
    wait: doubts.empty,
  },
  { title: "a text that became empty", observation: seen(""), before: known, wait: doubts.empty },
  { title: "a new file that is empty", observation: seen(""), before: undefined, wait: doubts.empty },
  { title: "a file that is gone", observation: missing, before: known, wait: doubts.missing },
  { title: "a file that cannot be read", observation: unreadable, before: known, wait: doubts.unreadable },
]) {
  test(`${title} is believed after ${wait} ms`, (t) => t.is(doubtOf(observation, before), wait));
}

test("one file waits for the shortest quiet, many for the longest", (t) => {
  t.is(quietFor(1), shortestQuiet);
  t.is(quietFor(11), shortestQuiet + 10);
  t.is(quietFor(10_000), longestQuiet);
});

test("each notification prolongs the quiet, no further than the ceiling", (t) => {
  const hints = new Hints();
  hints.note("/p", "a.yaml", "written", 1000);
  t.is(hints.restlessFor(0, 1000), shortestQuiet);
  hints.note("/p", "a.yaml", "written", 1004);
  t.is(hints.restlessFor(0, 1004), shortestQuiet);
  hints.note("/p", "unknown", "beside", 1005);
  t.is(hints.restlessFor(0, 1005), shortestQuiet);
  hints.note("/p", "a.yaml", "written", 1000 + ceiling - 1);
  t.is(hints.restlessFor(0, 1000 + ceiling - 1), 1);
  t.true(hints.overdue(1000 + ceiling));
  t.deepEqual([...hints.take().entries], [["/p", new Set(["a.yaml", "unknown"])]]);
  hints.told(false, 5000);
  t.false(hints.overdue(100_000));
});

test("files that were all moved into their places wait less, until one is written", (t) => {
  const hints = new Hints();
  hints.note("/p", ".a.yaml.tmp", "beside", 1000);
  hints.note("/p", "a.yaml", "moved", 1001);
  t.is(hints.restlessFor(0, 1001), quietAfterMoves + 1);
  hints.note("/p", "b.yaml", "written", 1002);
  t.is(hints.restlessFor(0, 1002), shortestQuiet + 2);
  hints.take();
  t.is(hints.restlessFor(2, 1002), shortestQuiet + 1, "they are not told yet");
  hints.told(false, 1010);
  hints.note("/p", "a.yaml", "moved", 1020);
  t.is(hints.restlessFor(0, 1020), quietAfterMoves);
});

test("an observation seen again unchanged keeps its age, a different one starts anew", (t) => {
  const ledger = new Ledger();
  ledger.observe("/a", "a", seen("one\n"), 0);
  ledger.commit(new Set());
  ledger.observe("/a", "a", missing, 10);
  ledger.observe("/a", "a", missing, 30);
  t.deepEqual(ledger.doubtful(30), [{ path: "/a", kind: "missing", due: 10 + doubts.missing }]);
  t.deepEqual(ledger.doubtful(10 + doubts.missing), []);
  ledger.observe("/a", "a", seen(""), 45);
  t.deepEqual(ledger.doubtful(45), [{ path: "/a", kind: "text", due: 45 + doubts.empty }]);
});

test("a file that has become empty withdraws nothing; it is a problem until it is written again or deleted", (t) => {
  const ledger = new Ledger();
  const commit = (observation: Observation, at: number) => {
    ledger.observe("/a", "a", observation, at);
    return ledger.commit(new Set());
  };
  commit(seen("one\n"), 0);
  const emptied = commit(seen(""), 1000);
  t.is(emptied.change, undefined);
  t.deepEqual(
    emptied.problems.map(({ name, message }) => `${name} ${message}`),
    ["a is empty: what it said before stays in force until it is written again or deleted"],
  );
  t.deepEqual(commit(seen(""), 2000).problems, [], "told once");
  const written = commit(seen("two\n"), 3000);
  t.deepEqual(written.recovered, ["a"]);
  t.is(written.change?.upserted.length, 1);
  commit(seen(""), 4000);
  const deleted = commit(missing, 5000);
  t.deepEqual(deleted.change?.removed, ["a"]);
  t.deepEqual(deleted.recovered, ["a"]);
  t.is(commit(seen(""), 6000).change?.upserted.length, 1, "a new file may well be empty");
});

test("a file that may be cut short withdraws nothing, unless it ends as it did; a new one counts as it is", (t) => {
  const ledger = new Ledger();
  const commit = (observation: Observation) => {
    ledger.observe("/a", "a", observation, 0);
    return ledger.commit(new Set());
  };
  const onFullDisk = (text: string): Observation => {
    const observation = seen(text);
    return observation.kind === "text" ? { ...observation, mayBeCut: true } : observation;
  };
  t.is(commit(onFullDisk(long)).change?.upserted.length, 1, "nothing is known that it could withdraw");
  const cut = commit(onFullDisk(long.slice(0, 100)));
  t.is(cut.change, undefined);
  t.deepEqual(
    cut.problems.map(({ message }) => message),
    [
      "is cut short, as it seems, and its disk is full: what it said before stays in force until it is written again or deleted",
    ],
  );
  const whole = commit(onFullDisk(long.slice(4)));
  t.is(whole.change?.upserted.length, 1);
  t.deepEqual(whole.recovered, ["a"]);
  commit(onFullDisk(long.slice(0, 100)));
  t.is(commit(seen(long.slice(0, 100))).change?.upserted.length, 1, "there is room: somebody wants it so");
});

test("a text that comes again in another file is known to be in that one", (t) => {
  const ledger = new Ledger();
  const observe = (observation: Observation) => ledger.observe("/a", "a", observation, 0);
  observe({ ...seen("one\ntwo\n"), file: "1:7" });
  ledger.commit(new Set());
  observe({ ...seen("one\ntwo\n"), file: "1:8", signature: "moved there" });
  t.is(ledger.commit(new Set()).change, undefined);
  observe({ ...seen("one\n"), file: "1:8", moved: true });
  t.deepEqual(ledger.doubtful(0), [{ path: "/a", kind: "text", due: doubts.cut }]);
  observe({ ...seen("one\n"), file: "1:7", moved: true });
  t.deepEqual(ledger.doubtful(0), [], "the number of a file that is gone is given out again");
});

test("what is in doubt stays out of a commit and waits", (t) => {
  const ledger = new Ledger();
  ledger.observe("/a", "a", seen("one\n"), 0);
  ledger.observe("/b", "b", seen("b\n"), 0);
  const first = ledger.commit(new Set(["/a"]));
  t.deepEqual(
    first.change?.upserted.map(({ name }) => name),
    ["b"],
  );
  t.is(ledger.waiting, 1);
  t.deepEqual(
    ledger.commit(new Set()).change?.upserted.map(({ name }) => name),
    ["a"],
  );
});

test("a problem is told once, again when it is a different one, and its end once", (t) => {
  const ledger = new Ledger();
  const commit = (observation: Observation) => {
    ledger.observe("/a", "a", observation, 0);
    return ledger.commit(new Set());
  };
  commit(seen("one\n"));
  t.is(commit(unreadable).problems.length, 1);
  t.is(commit(unreadable).problems.length, 0);
  t.deepEqual(commit({ ...unreadable, signature: "other", message: "is not UTF-8" }).problems, [
    { name: "a", message: "is not UTF-8" },
  ]);
  const back = commit(seen("one\n"));
  t.deepEqual(back, { change: undefined, problems: [], recovered: ["a"] });
  t.deepEqual(commit(seen("one\n")).recovered, []);
});
