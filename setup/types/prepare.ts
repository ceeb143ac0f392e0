// In: the environment. Out: generated types that belong to the Envoy it names, made now if they are not there already.
// Knows the order of the steps; each step is next door. Imports the generator only when there is something to generate.

import { readFileSync } from "node:fs";
import { type ChosenEnvoy, chooseEnvoy, type Env, type EnvoyProblem } from "../envoy/locate.ts";
import { PINNED_ENVOY } from "../envoy/pin.ts";
import { GENERATED, KEY_NAME } from "../paths.ts";
import { currentParts, keyOf } from "./key.ts";

/** What set-up reports to, one short line at a time. */
export type Say = (line: string) => void;

/** Fetches Envoy and generates types as far as needed. Says a line before each thing that takes time. */
export async function prepareTypes(env: Env, say: Say): Promise<ChosenEnvoy | EnvoyProblem> {
  const chosen = await chooseOrFetch(env, say);
  if ("problem" in chosen) return chosen;
  const key = keyOf(currentParts(chosen.binary.sha256));
  if (readKey() === key) return chosen;
  say(`generating types from the descriptors in ${chosen.binary.path} ...`);
  const { generateTypes } = await import("./generate.ts");
  return generateTypes(chosen.binary, key) ?? chosen;
}

async function chooseOrFetch(env: Env, say: Say): Promise<ChosenEnvoy | EnvoyProblem> {
  const chosen = chooseEnvoy(env);
  if (chosen !== undefined) return chosen;
  say(`fetching Envoy ${PINNED_ENVOY.version} (37 MB) ...`);
  const { fetchEnvoy } = await import("../envoy/fetch.ts");
  const problem = fetchEnvoy();
  return problem ?? chooseEnvoy(env) ?? { problem: "Envoy was unpacked, and is not there." };
}

function readKey(): string | undefined {
  try {
    return readFileSync(`${GENERATED}/${KEY_NAME}`, "utf8").trim();
  } catch {
    return undefined;
  }
}
