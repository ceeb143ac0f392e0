// The report as GitHub workflow commands, which become annotations on the lines of a pull request.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions

import type { Diagnostic, Severity } from "#compiler";
import type { Report } from "./findings.ts";
import { describeRejection } from "./rejection.ts";

const commands: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "notice" };

/** One line per finding. */
export function renderGithub({ diagnostics, problems, rejections }: Report): string {
  return [
    ...diagnostics.map(annotate),
    ...problems.map(({ name, message }) => command("error", { file: name }, `${name}: ${message}`)),
    ...rejections.map((rejection) => command("error", { title: "envoy" }, describeRejection(rejection))),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function annotate({ severity, code, message, position, help, notes }: Diagnostic): string {
  const { file, line, column, length } = position;
  const lines = [
    message,
    ...(help === undefined ? [] : [`help: ${help}`]),
    ...notes.map((note) => `note: ${note.message} (${note.position.file}:${note.position.line})`),
  ];
  const place = { file, line, col: column, endColumn: column + Math.max(1, length), title: code };
  return command(commands[severity], place, lines.join("\n"));
}

function command(name: string, properties: Readonly<Record<string, string | number>>, text: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name} ${list.join(",")}::${escapeText(text)}`;
}

function escapeText(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
