// `node setup/run.mjs test/istiod/main.ts --seed N --worlds N`: where Fairlead and istiod differ, and nobody has looked yet.

import { readFileSync } from "node:fs";
import { buildOracle } from "./build.ts";
import { fixtureWorlds } from "./fixtures.ts";
import type { JsonObject } from "./json.ts";
import { makeUpPolicies, policyText, worldOf } from "./made-up-policy.ts";
import { help, type Options, readOptions } from "./options.ts";
import { type Oracle, startOracle } from "./oracle.ts";
import { renderCounts, renderNews, sortOut } from "./report.ts";
import { shrink } from "./shrink.ts";
import { compareWorld, type Found, type World } from "./worlds.ts";

const say = (text: string) => void process.stdout.write(text);
const complain = (text: string) => void process.stderr.write(`${text}\n`);

/** Ends with what the process should end with. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    say(help);
    return 0;
  }
  const built = buildOracle(complain);
  if ("problem" in built) {
    complain(built.problem);
    return 2;
  }
  const oracle = startOracle(built.program);
  try {
    const worlds = worldsFor(options);
    const { shrink: pattern } = options;
    return pattern
      ? await shrinkWorlds(worlds, pattern, options, oracle)
      : await compareAll(worlds, options, oracle);
  } finally {
    oracle.end();
  }
}

interface MadeUpWorld extends World {
  /** Nothing for fixtures. */
  readonly objects: readonly JsonObject[];
}

function worldsFor(options: Options): readonly MadeUpWorld[] {
  if (options.fixtures) return fixtureWorlds().map((world) => ({ ...world, objects: [] }));
  const { seed, at } = options;
  const all = makeUpPolicies(options).map((objects, index) => ({
    ...worldOf(`${seed}#${index}`, objects, givenSettings(options)),
    objects,
  }));
  return at === undefined ? all : all.slice(at, at + 1);
}

function givenSettings({ meshConfig }: Options): string | undefined {
  return meshConfig === undefined ? undefined : readFileSync(meshConfig, "utf8");
}

async function compareAll(worlds: readonly MadeUpWorld[], options: Options, oracle: Oracle): Promise<number> {
  const found: Found[] = [];
  const refused = new Map<string, number>();
  let compared = 0;
  for (const world of worlds) {
    if (options.at !== undefined) say(policyText(world.objects));
    const result = await compareWorld(world, oracle);
    if ("found" in result) {
      compared += 1;
      found.push(...result.found);
    } else {
      for (const each of result.refused) refused.set(each, (refused.get(each) ?? 0) + 1);
    }
  }
  const { news, understood } = sortOut(found);
  say(renderNews(news, options));
  if (options.understood) say(renderCounts(understood));
  say(
    `${compared} of ${worlds.length} worlds compared, ${found.length} differences, ${news.length} of them news\n`,
  );
  if (refused.size > 0) say(`the others are refused:\n${renderCounts(refused)}`);
  if (compared === 0) return 2;
  return news.length === 0 ? 0 : 1;
}

async function shrinkWorlds(
  worlds: readonly MadeUpWorld[],
  pattern: RegExp,
  options: Options,
  oracle: Oracle,
): Promise<number> {
  const newsOf = async (name: string, objects: readonly JsonObject[]) => {
    const result = await compareWorld(worldOf(name, objects, givenSettings(options)), oracle);
    const { news } = sortOut("found" in result ? result.found : []);
    return news.filter(({ path, proxy }) => pattern.test(path) && options.proxy.test(proxy));
  };
  let shown = 0;
  for (const { name, objects } of worlds) {
    const smallest = await shrink(objects, async (fewer) => (await newsOf(name, fewer)).length > 0);
    const news = await newsOf(name, smallest);
    shown += news.length;
    say(
      news.length === 0
        ? `world ${name} has no such news\n`
        : `${policyText(smallest)}${renderNews(news, options)}`,
    );
  }
  return shown === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
