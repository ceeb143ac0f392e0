// Which Envoy tests run: the one that set-up would run, asked for once.

import { type LocatedEnvoy, locateEnvoy } from "#setup";

let located: LocatedEnvoy | undefined;

/** Its path. Throws, saying what to do, when there is none. */
export function envoyBinary(): string {
  if (located === undefined) {
    const answer = locateEnvoy(process.env);
    if ("problem" in answer) throw new Error(answer.problem);
    located = answer;
  }
  return located.path;
}
