// Policy changed at random, in ways a tired person or a broken generator might: whatever stands in the files, nothing
// throws, nothing goes on for ever, nothing that Envoy would refuse is made from an object that was accepted, and real
// Envoy agrees. FUZZ_SEED, FUZZ_FIRST, FUZZ_CASES and FUZZ_ENVOY (proxies to load) look elsewhere.

import test from "ava";
import { staticBootstrap, validateInEnvoy } from "../envoy/index.ts";
import { makeCase, type Outcome, runCase } from "./cases.ts";
import { randomFrom } from "./random.ts";

const setting = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const seed = setting("FUZZ_SEED", 1);
const first = setting("FUZZ_FIRST", 0);
const count = setting("FUZZ_CASES", 2000);
const loads = setting("FUZZ_ENVOY", 150);

/** Far more than any case needs, and little enough to notice what grows without bound. */
const tooLongMs = 10_000;

/** Made again when its turn comes: thousands of meshes would fill the memory. */
interface Candidate {
  readonly number: number;
  readonly proxyId: string;
}

function bootstrapOf({ number, proxyId }: Candidate): string {
  const { proxies } = runCase(makeCase(seed, number));
  return staticBootstrap(proxies.find(({ proxy }) => proxy.id === proxyId)?.resources ?? []);
}

test(`cases ${first} to ${first + count - 1} of seed ${seed}`, async (t) => {
  t.timeout(600_000);
  const faults: string[] = [];
  const candidates = new Map<string, Candidate>();
  let accepted = 0;
  for (let number = first; number < first + count; number++) {
    const made = makeCase(seed, number);
    const story = `case ${number}, ${made.story}`;
    const started = performance.now();
    let outcome: Outcome;
    try {
      outcome = runCase(made);
    } catch (error) {
      faults.push(`${story}\n  throws ${error instanceof Error ? error.stack : String(error)}`);
      continue;
    }
    const took = performance.now() - started;
    if (took > tooLongMs) faults.push(`${story}\n  takes ${Math.round(took)} ms`);
    faults.push(...outcome.unsound.map((each) => `${story}\n  ${each}`));
    if (!outcome.diagnostics.some(({ severity }) => severity === "error")) accepted++;
    for (const { proxy, id } of outcome.proxies) {
      if (!candidates.has(id)) candidates.set(id, { number, proxyId: proxy.id });
    }
  }
  t.deepEqual(faults, []);
  // Objects that are refused show little: a good part of the worlds must get through.
  t.true(accepted > count / 10 && accepted < count, `${accepted} of ${count} worlds without an error`);

  const chosen = sample([...candidates.values()], loads);
  const refused: string[] = [];
  const queue = chosen.values();
  const loadAll = async () => {
    for (const candidate of queue) {
      const { accepted: loaded, output } = await validateInEnvoy(bootstrapOf(candidate));
      const { number, proxyId } = candidate;
      if (!loaded)
        refused.push(`case ${number}, ${makeCase(seed, number).story}, for ${proxyId}\n  ${output}`);
    }
  };
  await Promise.all([loadAll(), loadAll()]);
  t.deepEqual(refused, []);
  t.log(
    `${accepted} of ${count} worlds without an error; Envoy loaded ${chosen.length} of ${candidates.size} proxies`,
  );
});

function sample<T>(items: readonly T[], size: number): readonly T[] {
  const random = randomFrom(seed);
  const keyed = items.map((item) => ({ item, at: random.fraction() }));
  return keyed
    .sort((a, b) => a.at - b.at)
    .slice(0, size)
    .map(({ item }) => item);
}
