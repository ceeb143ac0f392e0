// The demo to play with: brings up the mesh on the example's own files, shows what its traffic does, and ends when told to.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Env } from "#setup";
import { type Landing, Landings, modifiedAt } from "../changes/index.ts";
import { bookinfo, type DemoMesh, shortPath, startDemoMesh } from "../mesh/index.ts";
import { knownRoutes, startLoad, Tally } from "../traffic/index.ts";
import type { Colors, Output, Problem, ViewState } from "../view/index.ts";
import type { LiveDemo } from "./live-demo.ts";
import { problemsIn } from "./problems.ts";
import { showLines } from "./show-lines.ts";
import { showScreen } from "./show-screen.ts";

export interface DemoOptions {
  readonly version: string;
  readonly env: Env;
  /** Keys, logs and pid files; made if need be. */
  readonly stateDir: string;
  /** Requests per second of the demo's own load; 0 for none. */
  readonly perSecond: number;
  readonly output: Output;
  readonly colors: Colors;
  /** Resolves when the demo shall end. */
  readonly stopped: Promise<unknown>;
}

const windowSeconds = 5;
const landingsKept = 50;

/** Resolves when everything has ended. Throws a `DemoFailed`. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { output, colors, perSecond, stopped } = options;
  const print = (line: string) => output.write(`${line}\n`);
  const troubles: string[] = [];
  const kept: Landing[] = [];
  const tellLanding: ((landing: Landing) => void)[] = [];
  const tellTrouble: ((line: string) => void)[] = [];
  const landings = new Landings({
    now: Date.now,
    savedAt: modifiedAt,
    report: (landing) => {
      kept.splice(0, kept.length - landingsKept + 1);
      kept.push(landing);
      for (const tell of tellLanding) tell(landing);
    },
  });
  let mesh: DemoMesh | undefined;
  const started = await startDemoMesh({
    example: bookinfo,
    stateDir: resolve(options.stateDir),
    version: options.version,
    env: options.env,
    onStatus: (event) => landings.status(event),
    onChange: (change) => landings.changed(change, mesh?.plane.server.clients() ?? []),
    say: (line) => {
      if (!mesh) return print(colors.dim(line));
      troubles.push(line);
      for (const tell of tellTrouble) tell(line);
    },
  });
  mesh = started;
  const applications = started.workloads.flatMap(({ application }) => application ?? []);
  const tally = new Tally(windowSeconds * 1000, knownRoutes(applications));
  const stopLoad =
    perSecond > 0
      ? startLoad({ url: started.pageUrl, perSecond, report: (observations) => tally.add(observations) })
      : () => {};
  const files = await policyFiles(started);
  const demo: LiveDemo = {
    state: () => ({
      pageUrl: started.pageUrl,
      statusUrl: `http://127.0.0.1:${started.plane.http?.port}/`,
      proxies: countProxies(started),
      perSecond,
      windowSeconds,
      routes: tally.read(Date.now()),
      files,
      landings: kept,
      problems: [
        ...troubles.map((message): Problem => ({ severity: "error", message })),
        ...problemsIn(started.plane.world()),
      ],
    }),
    onLanding: (listener) => tellLanding.push(listener),
    onTrouble: (listener) => tellTrouble.push(listener),
  };
  const close = output.size() ? showScreen(demo, output, colors) : showLines(demo, output, colors);
  await stopped;
  close();
  stopLoad();
  print(colors.dim("ending Envoys and applications"));
  await started.stop();
}

/** The files to edit, each with the first sentences of its first comment. */
async function policyFiles({ plane }: DemoMesh): Promise<ViewState["files"]> {
  const names = plane
    .world()
    .files.map(({ name }) => name)
    .filter((name) => name.includes("/policy/"));
  return Promise.all(
    names.map(async (name) => {
      const [first = ""] = (await readFile(name, "utf8")).split("\n");
      return { path: shortPath(name), about: first.replace(/^#\s*/, "") };
    }),
  );
}

function countProxies({ plane, workloads }: DemoMesh): ViewState["proxies"] {
  const inSync = plane.server
    .clients()
    .filter(({ types }) =>
      types.every(
        ({ awaitingAnswer, pending, refused }) => !awaitingAnswer && pending === 0 && refused.length === 0,
      ),
    );
  return { all: workloads.length, inSync: inSync.length };
}
