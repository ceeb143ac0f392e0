// The words of the command line, and what they mean.

import { parseArgs } from "node:util";

export const help = `Compares what Fairlead makes of policy with what istiod makes of it, and prints the differences that nobody has looked at yet.

Policy is made up at random, compiled by both, and brought into one shape in which only what a user notices is left. A difference
is no proof of a fault: Istio's documentation decides. What is understood is listed with reasons in test/istiod/understood.ts.

  node setup/run.mjs test/istiod/main.ts [options]

  --seed N         where chance begins (1)
  --worlds N       how many worlds to make up (60)
  --kinds A,B      keep objects of these kinds only
  --rivals         let ServiceEntries claim the same hosts and addresses
  --mesh-config F  a file with settings of the mesh, instead of settings made up
  --at INDEX       this world only; prints its policy too
  --shrink PATTERN with --at: the smallest policy with news whose path fits the pattern
  --proxy PATTERN  with --shrink: of these proxies only
  --fixtures       the cases of fixtures/compile instead of worlds made up; FIXTURE=NAME chooses among them
  --examples N     how many of each kind are printed (1)
  --width N        how much of a value is printed (300)
  --understood     prints how often each reason of understood.ts applied

Needs Go, for istiod's own code: the first time takes about ten minutes. Ends with 0 when there is no news, with 1 when there is,
and with 2 when nothing could be compared.
`;

export interface Options {
  readonly help: boolean;
  readonly seed: number;
  readonly worlds: number;
  readonly kinds?: readonly string[] | undefined;
  readonly rivals: boolean;
  readonly meshConfig?: string | undefined;
  readonly at?: number | undefined;
  readonly shrink?: RegExp | undefined;
  readonly proxy: RegExp;
  readonly fixtures: boolean;
  readonly examples: number;
  readonly width: number;
  readonly understood: boolean;
}

/** Throws for words that it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      worlds: { type: "string", default: "60" },
      kinds: { type: "string" },
      rivals: { type: "boolean", default: false },
      "mesh-config": { type: "string" },
      at: { type: "string" },
      shrink: { type: "string" },
      proxy: { type: "string", default: "" },
      fixtures: { type: "boolean", default: false },
      examples: { type: "string", default: "1" },
      width: { type: "string", default: "300" },
      understood: { type: "boolean", default: false },
    },
  });
  const at = values.at === undefined ? undefined : numberOf("at", values.at);
  if (values.shrink !== undefined && at === undefined) throw new Error("--shrink needs --at INDEX");
  return {
    help: values.help,
    seed: numberOf("seed", values.seed),
    worlds: Math.max(numberOf("worlds", values.worlds), (at ?? 0) + 1),
    kinds: values.kinds?.split(","),
    rivals: values.rivals,
    meshConfig: values["mesh-config"],
    at,
    shrink: values.shrink === undefined ? undefined : new RegExp(values.shrink),
    proxy: new RegExp(values.proxy),
    fixtures: values.fixtures,
    examples: numberOf("examples", values.examples),
    width: numberOf("width", values.width),
    understood: values.understood,
  };
}

function numberOf(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} wants a number, not ${text}`);
  return Number(text);
}
