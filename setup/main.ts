// The part of `npm run setup` that runs once packages are there: Envoy, the types in it, and a word about what will be used.
// Exits with 1 when something is missing that the user has to do something about.

import { locateEnvoy } from "./envoy/locate.ts";
import { prepareTypes } from "./types/prepare.ts";

const say = (line: string): void => {
  process.stderr.write(`setup: ${line}\n`);
};

const prepared = await prepareTypes(process.env, say);
const envoy = "problem" in prepared ? prepared : locateEnvoy(process.env);
if ("problem" in envoy) {
  say(envoy.problem);
  process.exitCode = 1;
} else {
  say(`ready: Node ${process.versions.node}; ${envoy.why} (${envoy.path})`);
}
