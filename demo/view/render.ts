// The live view as lines of text: traffic, what to try, what to edit, what landed, what is wrong. In: the state, the size of the
// terminal, colours. Out: at most as many lines as fit. Pure.

import type { Landing } from "../changes/index.ts";
import { renderRoutes } from "./routes.ts";
import type { Problem, ViewState } from "./state.ts";
import { type Colors, cutTo, duration, timeOfDay, wrap } from "./text.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export function renderView(state: ViewState, size: Size, colors: Colors): readonly string[] {
  const { columns, rows } = size;
  const top = [...header(state, colors), "", ...renderRoutes(state, columns, colors)];
  const tries = section("TRY", colors, tryLines(state));
  const edits = section("EDIT AND SAVE", colors, editLines(state, colors));
  const needed = top.length + edits.length;
  const withTries = rows >= needed + tries.length + 10;
  // What is left: a heading each for changes and problems, and at least a line under it.
  const room = Math.max(2, rows - needed - (withTries ? tries.length : 0) - 4);
  const problems = problemLines(state.problems, columns - 2, colors).slice(0, Math.ceil(room / 2));
  const changes = changeLines(state.landings, columns - 2, colors).slice(0, room - problems.length);
  const lines = [
    ...top,
    ...(withTries ? tries : []),
    ...edits,
    ...section("CHANGES", colors, changes),
    ...section("PROBLEMS", colors, problems),
  ];
  return lines.slice(0, rows).map((line) => cutTo(line, columns));
}

function header({ proxies, pageUrl, statusUrl }: ViewState, colors: Colors): readonly string[] {
  const { all, inSync } = proxies;
  const synced =
    inSync === all
      ? colors.green(`${all} Envoys in sync`)
      : colors.yellow(`${inSync} of ${all} Envoys in sync`);
  return [
    `${colors.bold("Fairlead demo")}  ${synced}  page ${colors.cyan(pageUrl)}`,
    colors.dim(`control plane ${statusUrl}  Ctrl-C ends it, and everything that belongs to it`),
  ];
}

function section(title: string, colors: Colors, lines: readonly string[]): readonly string[] {
  return ["", colors.bold(title), ...lines.map((line) => `  ${line}`)];
}

function tryLines({ pageUrl }: ViewState): readonly string[] {
  return [
    `curl ${pageUrl}`,
    `curl -H 'end-user: jason' ${pageUrl}`,
    `curl -H 'end-user: jason' -H 'x-demo: broken' ${pageUrl}`,
  ];
}

function editLines({ files }: ViewState, colors: Colors): readonly string[] {
  const width = Math.max(...files.map(({ path }) => path.length));
  return files.map(({ path, about }) => `${colors.cyan(path.padEnd(width))}  ${colors.dim(about)}`);
}

// Where the text of a change begins, behind its time.
const timeWidth = 10;

function changeLines(landings: readonly Landing[], columns: number, colors: Colors): readonly string[] {
  if (landings.length === 0) return [colors.dim("none yet: edit one of the files above")];
  return landings
    .toReversed()
    .flatMap((landing) => renderLanding(landing, colors).flatMap((line) => wrap(line, columns, timeWidth)));
}

/** One line for the change, and one for each refusal. */
export function renderLanding(landing: Landing, colors: Colors): readonly string[] {
  const { savedAt, files, proxies, tookMs, refusals } = landing;
  const reached =
    proxies === 0
      ? colors.dim("no proxy needs anything new")
      : colors.green(`${proxies} ${proxies === 1 ? "proxy" : "proxies"} in ${duration(tookMs)}`);
  const [only, ...more] = files;
  const what =
    only && more.length === 0
      ? `${colors.cyan(endOf(only.name))} ${only.summary}`
      : `${files.length} files: ${files.map(({ name }) => endOf(name)).join(", ")}`;
  return [
    `${colors.dim(timeOfDay(savedAt))}  ${reached}  ${what}`,
    ...refusals.map((refusal) => `${" ".repeat(timeWidth)}${colors.red(`a proxy refused: ${refusal}`)}`),
  ];
}

function problemLines(problems: readonly Problem[], columns: number, colors: Colors): readonly string[] {
  if (problems.length === 0) return [colors.dim("none")];
  return problems.flatMap((problem) => wrap(renderProblem(problem, colors), columns, 2));
}

/** `✗ file:12:3: what is wrong (what that means)`. */
export function renderProblem({ severity, place, message, consequence }: Problem, colors: Colors): string {
  const mark = severity === "error" ? colors.red("✗") : colors.yellow("!");
  const where = place === undefined ? "" : `${colors.bold(place)}: `;
  return `${mark} ${where}${message}${consequence === undefined ? "" : ` (${consequence})`}`;
}

/** The file and its folder. */
function endOf(path: string): string {
  return path.split("/").slice(-2).join("/");
}
