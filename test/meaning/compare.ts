// Policies and requests made up at random: what a real Envoy does with each is compared with what a reference says.
// MEANING_SEED and MEANING_POLICIES look elsewhere.

import { isDeepStrictEqual } from "node:util";
import type { ExecutionContext } from "ava";
import fc from "fast-check";
import { eventually } from "../end-to-end/wait-until.ts";

const seed = Number(process.env.MEANING_SEED ?? 1);
const numRuns = Number(process.env.MEANING_POLICIES ?? 40);

export interface Comparison<Policy, Request, Outcome> {
  readonly policies: fc.Arbitrary<Policy>;
  readonly requests: fc.Arbitrary<Request>;
  readonly requestsPerPolicy: number;
  /** Not one after the other: for those that take their time. */
  readonly together?: boolean;
  /** Puts it in force. The result is for whoever has to find out what is wrong. */
  apply(policy: Policy): Promise<string>;
  expected(policy: Policy, request: Request): Outcome;
  /** What became of it, in the shape of what is expected. */
  actual(request: Request, expected: Outcome): Promise<Outcome>;
  /** Outcomes are counted by this. */
  kind(outcome: Outcome): string;
}

/** Fails with each policy that means something else, up to three, and the first request that shows it. */
export async function compare<P, R, O>(t: ExecutionContext, comparison: Comparison<P, R, O>): Promise<void> {
  const { policies, requests, requestsPerPolicy, together, apply, expected, actual, kind } = comparison;
  t.timeout(1_800_000);
  const size = { minLength: requestsPerPolicy, maxLength: requestsPerPolicy };
  const seen: Record<string, number> = {};
  const faults: string[] = [];
  for (const [policy, made] of fc.sample(fc.tuple(policies, fc.array(requests, size)), { seed, numRuns })) {
    const text = await apply(policy);
    const faultOf = async (request: R): Promise<string | undefined> => {
      const wanted = expected(policy, request);
      const isRight = (outcome: O) => isDeepStrictEqual(outcome, wanted);
      const outcome = await eventually(() => actual(request, wanted), isRight);
      seen[kind(wanted)] = (seen[kind(wanted)] ?? 0) + 1;
      if (isRight(outcome)) return undefined;
      const [asked, is, not] = [request, outcome, wanted].map((each) => JSON.stringify(each));
      return `${text}\n${asked}\n  is  ${is}\n  not ${not}`;
    };
    for (const group of together ? [made] : made.map((request) => [request])) {
      const found = await Promise.all(group.map(faultOf));
      const fault = found.find((each) => each !== undefined);
      if (fault === undefined) continue;
      faults.push(fault);
      break;
    }
    if (faults.length === 3) break;
  }
  t.deepEqual(faults, []);
  t.log(JSON.stringify(seen));
}
