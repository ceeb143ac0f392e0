// Each folder of fixtures/delta and fixtures/sotw is one transcript, played against the session reducer.

import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import { parse } from "yaml";
import { playTranscript, type Transcript } from "../testing/transcript.ts";

const wanted = process.env.FIXTURE ?? "";

for (const variant of ["delta", "sotw"]) {
  const folder = new URL(`../../fixtures/${variant}/`, import.meta.url);
  const cases = readdirSync(folder).filter((name) => name.includes(wanted));
  for (const name of cases) {
    test(`${variant}/${name}`, (t) => {
      const transcript: Transcript = parse(readFileSync(new URL(`${name}/transcript.yaml`, folder), "utf8"));
      t.is(playTranscript(transcript), undefined);
    });
  }
  test(`there are transcripts: ${variant}`, (t) => {
    t.true(cases.length > 0 || wanted !== "");
  });
}

const conversation: Transcript["steps"] = [
  { config: { CDS: { a: { v: 1, endpoints: "static" } } } },
  { client: "CDS" },
  { server: "CDS", nonce: 1, resources: ["a@1"] },
  { client: "CDS", acks: 1 },
];

test("a transcript that lacks a response fails", (t) => {
  t.regex(playTranscript({ steps: conversation.toSpliced(2, 1) }) ?? "", /unexpected Cluster nonce 1/);
});

test("a transcript that expects another resource, another nonce or another status fails", (t) => {
  t.is(playTranscript({ steps: conversation }), undefined);
  t.truthy(playTranscript({ steps: conversation.with(2, { server: "CDS", resources: ["a@2"] }) }));
  t.truthy(playTranscript({ steps: conversation.with(2, { server: "CDS", nonce: 2, resources: ["a@1"] }) }));
  t.truthy(playTranscript({ steps: [...conversation, { status: "nacked" }] }));
});
