// In: the environment. Out: the Envoy to run and why that one, or what is wrong and how to go on. Fetches nothing.

import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { ENVOY_FOLDER } from "../paths.ts";
import { type EnvoyBinary, identifyEnvoy } from "./identify.ts";
import { OLDEST_ENVOY, PINNED_ENVOY } from "./pin.ts";
import { isAtLeast, parseEnvoyVersion } from "./version.ts";

/** The environment variables that matter here. */
export type Env = Readonly<Record<string, string | undefined>>;

/** An Envoy that runs here, its release, and one sentence about why it is the one. */
export interface LocatedEnvoy {
  readonly path: string;
  readonly version: string;
  readonly why: string;
}

/** Why there is no Envoy to run, and what the user can do about it. */
export interface EnvoyProblem {
  readonly problem: string;
}

/** A file to read descriptors from, whether or not it runs on this machine. */
export interface ChosenEnvoy {
  readonly binary: EnvoyBinary;
  readonly why: string;
}

/** Where set-up unpacks the pinned release. */
export const FETCHED_ENVOY = `${ENVOY_FOLDER}/envoy-${PINNED_ENVOY.version}/envoy`;

/** Finds the Envoy to run: `ENVOY_BIN`, then `envoy` on `PATH` if it is recent enough, then the one that set-up fetched. */
export function locateEnvoy(env: Env): LocatedEnvoy | EnvoyProblem {
  const chosen = chooseEnvoy(env);
  if (chosen === undefined)
    return { problem: "There is no Envoy here yet: run `npm run setup`, or set ENVOY_BIN." };
  if ("problem" in chosen) return chosen;
  const { path, version } = chosen.binary;
  if (version !== undefined) return { path, version, why: chosen.why };
  return {
    problem:
      `The Envoy that set-up fetched (${path}) is for Linux on x86-64 with glibc 2.31 or later and does not run here ` +
      `(${process.platform} ${process.arch}). Set ENVOY_BIN=/path/to/envoy to an Envoy ${OLDEST_ENVOY} or later.`,
  };
}

/** The same choice for reading descriptors; `undefined` when the pinned release has yet to be fetched. */
export function chooseEnvoy(env: Env): ChosenEnvoy | EnvoyProblem | undefined {
  const given = env.ENVOY_BIN;
  if (given !== undefined && given !== "") return chooseGiven(resolve(given));
  const onPath = findOnPath("envoy", env.PATH ?? "");
  const found = onPath === undefined ? undefined : identifyEnvoy(onPath, parseEnvoyVersion);
  if (found?.version !== undefined && isAtLeast(found.version, OLDEST_ENVOY)) {
    return {
      binary: found,
      why: `Envoy ${found.version}, because it is the \`envoy\` on PATH and ENVOY_BIN is not set`,
    };
  }
  const fetched = identifyEnvoy(FETCHED_ENVOY, parseEnvoyVersion);
  if (fetched === undefined) return undefined;
  const reason =
    found === undefined
      ? "ENVOY_BIN is not set and there is no `envoy` on PATH"
      : `ENVOY_BIN is not set and the \`envoy\` on PATH (${found.path}) is ${found.version ?? "of no known release"}, older than ${OLDEST_ENVOY}`;
  return { binary: fetched, why: `Envoy ${PINNED_ENVOY.version}, fetched by set-up, because ${reason}` };
}

function chooseGiven(path: string): ChosenEnvoy | EnvoyProblem {
  const binary = identifyEnvoy(path, parseEnvoyVersion);
  if (binary === undefined) return { problem: `ENVOY_BIN is ${path}, and there is no file there.` };
  if (binary.version === undefined) {
    return { problem: `ENVOY_BIN is ${path}, which does not answer \`--version\` as Envoy does.` };
  }
  if (!isAtLeast(binary.version, OLDEST_ENVOY)) {
    return {
      problem:
        `ENVOY_BIN is ${path}, Envoy ${binary.version}; ${OLDEST_ENVOY} or later is needed. ` +
        `Set it to a newer one, or unset it to use Envoy ${PINNED_ENVOY.version} as fetched by set-up.`,
    };
  }
  return { binary, why: `Envoy ${binary.version}, because ENVOY_BIN names it` };
}

/** The first executable `name` in a `PATH`. Relative entries are skipped: what they mean depends on where one stands. */
export function findOnPath(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (!folder.startsWith("/")) continue;
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here: the next folder may have it.
    }
  }
  return undefined;
}
