// Diagnostics as text for people: the message, the place, the line with a caret under the part that is meant. Colour is
// the caller's business: every piece passes through `paint` with the role it plays.

import type { Position } from "../model/origin.ts";
import type { Severity } from "./catalogue.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { sortDiagnostics } from "./order.ts";
import { visible } from "./visible.ts";

/** `frame`: line numbers, bars and arrows. The severities: heading and carets. */
export type Role = Severity | "message" | "frame" | "help" | "note";

export interface RenderOptions {
  /** The text of a file as it was parsed; without it the source line is left out. */
  readonly source: (file: string) => string | undefined;
  /** Left out: plain text. Must not change the visible text. */
  readonly paint?: (role: Role, text: string) => string;
}

type Paint = NonNullable<RenderOptions["paint"]>;

/** Lines longer than this are shown as a window around the caret (one-line JSON files). */
const widestLine = 160;

/** All of them, sorted, each once, with an empty line between; empty for none, else ending in a newline. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return sortDiagnostics(diagnostics)
    .map((one) => renderDiagnostic(one, options))
    .join("\n");
}

/** One diagnostic; every line ends in a newline. */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint: Paint = options.paint ?? ((_, text) => text);
  const { code, severity, message, position, help, notes } = diagnostic;
  // A line of a Secret may hold a key, however harmless the place on it.
  const source = diagnostic.object?.kind === "Secret" ? () => undefined : options.source;
  const width = Math.max(
    ...[position, ...notes.map((note) => note.position)].map(({ line }) => digits(line)),
  );
  const lines = [
    `${paint(severity, `${severity}[${code}]`)}${paint("message", `: ${message}`)}`,
    ...renderFrame(position, severity, width, source, paint),
  ];
  if (help !== undefined) {
    lines.push(`${" ".repeat(width)} ${paint("frame", "=")} ${paint("help", "help")}: ${help}`);
  }
  for (const note of notes) {
    lines.push(
      `${paint("note", "note")}: ${note.message}`,
      ...renderFrame(note.position, "note", width, source, paint),
    );
  }
  return `${lines.join("\n")}\n`;
}

function renderFrame(
  position: Position,
  role: Role,
  width: number,
  source: RenderOptions["source"],
  paint: Paint,
): readonly string[] {
  const indent = " ".repeat(width);
  const { file, line, column } = position;
  const place = `${indent}${paint("frame", "-->")} ${file}:${line}:${column}`;
  const text = lineOf(source(file), line);
  if (text === undefined) return [place];
  const shown = windowAround(text, column - 1, position.length);
  const bar = `${indent} ${paint("frame", "|")}`;
  return [
    place,
    bar,
    `${paint("frame", `${String(line).padStart(width)} |`)} ${shown.text}`.trimEnd(),
    `${bar} ${shown.gap}${paint(role, "^".repeat(shown.carets))}`,
  ];
}

/** Keeps tabs in the gap before the caret, so that it lands under its text whatever the width of a tab. */
function windowAround(
  line: string,
  start: number,
  length: number,
): { readonly text: string; readonly gap: string; readonly carets: number } {
  const from = line.length > widestLine ? Math.max(0, start - widestLine / 2) : 0;
  const to = Math.min(line.length, from + widestLine);
  const head = from > 0 ? "…" : "";
  const tail = to < line.length ? "…" : "";
  const gap = head.replace("…", " ") + line.slice(from, start).replaceAll(/[^\t]/g, " ");
  const carets = Math.max(1, Math.min(length, to - start));
  // A tab may stand: it moves the carets as well.
  const text = line.slice(from, to).split("\t").map(visible).join("\t");
  return { text: head + text + tail, gap, carets };
}

function lineOf(text: string | undefined, line: number): string | undefined {
  if (text === undefined) return undefined;
  let start = 0;
  for (let seen = 1; seen < line; seen++) {
    const end = text.indexOf("\n", start);
    if (end === -1) return undefined;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, "");
}

function digits(line: number): number {
  return String(line).length;
}
