// Each folder of fixtures/ca holds a request and what the policy makes of it at midnight of 1 January 2027: plan.yaml,
// or refusal.txt with the peer's line and the log's. `UPDATE_FIXTURES=1` writes what is said now; read the difference.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import test from "ava";
import { parse, stringify } from "yaml";
import { parseIdentity } from "#identity";
import { type ClaimedName, defaultPolicy, judgeClaimedNames, planIssuance } from "./index.ts";

interface Case {
  readonly identity: string;
  /** `kind:value`. */
  readonly names?: readonly string[];
  readonly ttlSeconds?: number;
  readonly issuer?: { readonly notBefore: string; readonly notAfter: string };
}

const root = new URL("../../fixtures/ca/", import.meta.url);
const now = Date.parse("2027-01-01T00:00:00Z");
const usualIssuer = { notBefore: "2026-01-01T00:00:00Z", notAfter: "2036-01-01T00:00:00Z" };
const outputs = ["plan.yaml", "refusal.txt"] as const;

/** The one file that the case must have beside its request. */
function decide(input: Case): { readonly file: (typeof outputs)[number]; readonly text: string } {
  const identity = parseIdentity(input.identity);
  if (!identity) throw new Error(`${input.identity} is not a workload identity`);
  const { notBefore, notAfter } = input.issuer ?? usualIssuer;
  const claimed = (input.names ?? []).map((name): ClaimedName => {
    const at = name.indexOf(":");
    return { kind: name.slice(0, at), value: name.slice(at + 1) };
  });
  const requestedTtlMs = input.ttlSeconds === undefined ? undefined : input.ttlSeconds * 1000;
  const plan = planIssuance(
    { identity, requestedTtlMs, now, entropy: new Uint8Array(16) },
    {
      policy: defaultPolicy,
      window: { notBefore: Date.parse(notBefore), notAfter: Date.parse(notAfter) },
      trustDomains: ["cluster.local"],
    },
  );
  const problem = judgeClaimedNames(claimed, identity) ?? (plan.ok ? undefined : plan.problem);
  if (problem) {
    const { code, message, detail } = problem;
    return { file: "refusal.txt", text: `${code}\npeer: ${message}\nlog:  ${detail}\n` };
  }
  if (!plan.ok) throw new Error("a refused plan has a problem");
  const { uri, serialNumber, ...times } = plan.value;
  const readable = Object.entries(times).map(([name, ms]) => [name, new Date(ms).toISOString()]);
  return { file: "plan.yaml", text: stringify({ uri, ...Object.fromEntries(readable) }) };
}

for (const name of readdirSync(root).sort()) {
  test(`fixtures/ca/${name}`, (t) => {
    const folder = new URL(`${name}/`, root);
    const { file, text } = decide(parse(readFileSync(new URL("request.yaml", folder), "utf8")));
    if (process.env.UPDATE_FIXTURES !== undefined) {
      for (const output of outputs) rmSync(new URL(output, folder), { force: true });
      writeFileSync(new URL(file, folder), text);
      t.pass();
      return;
    }
    t.deepEqual(readdirSync(folder).sort(), ["request.yaml", file].sort());
    t.is(readFileSync(new URL(file, folder), "utf8"), text);
  });
}
