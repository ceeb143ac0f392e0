import test from "ava";
import { KnownNames } from "./known-names.ts";

const run = (like: string) => Buffer.from(like.repeat(5000 / like.length));

test("the runs that were met last are known, wherever they stand", (t) => {
  const known = new KnownNames(0x1a);
  const kinds = Array.from({ length: 17 }, (_, kind) => run(String.fromCharCode(65 + kind)));
  for (const bytes of kinds.slice(0, 16))
    known.remember(bytes, 0, bytes.length, [bytes.toString("utf8", 0, 1)]);
  const namesAt = (bytes: Buffer, from = 0) => known.at(bytes, from)?.names[0];
  t.is(namesAt(Buffer.concat([Buffer.from("xyz"), run("A"), Buffer.from("more")]), 3), "A");
  // The seventeenth takes the place of the one that nobody has met for longest, which is no longer the first.
  known.remember(run("Q"), 0, 5000, ["Q"]);
  t.deepEqual(
    kinds.map((bytes) => namesAt(bytes)),
    ["A", undefined, ..."CDEFGHIJKLMNOPQ"],
  );
});

test("of two runs of which one begins like the other, each is known", (t) => {
  const known = new KnownNames(0x1a);
  const long = Buffer.concat([run("A"), Buffer.from([0x1a]), run("B")]);
  known.remember(long, 0, long.length, ["A", "B"]);
  known.remember(run("A"), 0, 5000, ["A"]);
  t.deepEqual(known.at(long, 0)?.names, ["A", "B"]);
  t.deepEqual(known.at(Buffer.concat([run("A"), Buffer.from("x")]), 0)?.names, ["A"]);
});

test("a run that is cut short, or short, is not known", (t) => {
  const known = new KnownNames(0x1a);
  known.remember(run("A"), 0, 5000, ["A"]);
  t.is(known.at(run("A").subarray(0, 4999), 0), undefined);
  t.is(known.at(run("A"), 1), undefined);
  known.remember(Buffer.from("short"), 0, 5, ["short"]);
  t.is(known.at(Buffer.from("short"), 0), undefined);
});

test("what came with a run is not kept for its sake", (t) => {
  const known = new KnownNames(0x1a);
  const request = Buffer.concat([run("A"), Buffer.alloc(1_000_000)]);
  known.remember(request, 0, 5000, ["A"]);
  t.true((known.at(run("A"), 0)?.bytes.buffer.byteLength ?? Number.NaN) < 100_000);
  request.fill(0);
  t.deepEqual(known.at(run("A"), 0)?.names, ["A"]);
});
