import { readFileSync } from "node:fs";
import test from "ava";
import { checkImage, expectationFor } from "./check.ts";
import { parseImage } from "./image.ts";

const image = () => parseImage(readFileSync(new URL("../descriptors.binpb", import.meta.url)));

test("finds nothing wrong with what set-up scanned, counted loosely", (t) => {
  t.deepEqual(checkImage(image(), expectationFor(undefined)), []);
});

test("notices a lost file by its importers and its messages", (t) => {
  const set = image();
  set.file = set.file.filter((file) => file.name !== "envoy/config/cluster/v3/cluster.proto");
  const problems = checkImage(set, expectationFor(undefined));
  t.true(problems.includes("envoy.config.cluster.v3.Cluster has no field load_assignment"));
  t.true(problems.some((problem) => problem.includes("imports envoy/config/cluster/v3/cluster.proto")));
});

test("counts exactly for the pinned release and at least for others", (t) => {
  const set = image();
  const count = set.file.length;
  const expected = { files: count + 1, envoyFiles: 0, exact: false };
  t.deepEqual(checkImage(set, expected), [`${count} files were found, at least ${count + 1} were expected`]);
  t.is(checkImage(set, { files: count - 1, envoyFiles: 0, exact: false }).length, 0);
  t.is(checkImage(set, { files: count - 1, envoyFiles: 471, exact: true }).length, 1);
});

test("notices field constraints that were lost", (t) => {
  const set = image();
  for (const message of set.file.flatMap((file) => file.messageType)) {
    for (const field of message.field) delete field.options;
  }
  t.deepEqual(checkImage(set, expectationFor(undefined)), ["no field of Envoy's carries validate.rules"]);
});
