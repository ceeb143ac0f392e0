// A report in each of the forms in which it can be told.

import { plural } from "../plural.ts";
import type { PolicyInput } from "../read-policy.ts";
import { countDiagnostics, showDiagnostics } from "../show-diagnostics.ts";
import type { Colors } from "../terminal.ts";
import type { Report } from "./findings.ts";
import { renderGithub } from "./github.ts";
import { renderJson } from "./json.ts";
import { type EnvoyRejection, nameResources } from "./rejection.ts";
import { renderSarif } from "./sarif.ts";

export type ReportFormat = "text" | "json" | "github" | "sarif";

/** The report itself, for stdout. */
export function renderReport(
  report: Report,
  format: ReportFormat,
  source: PolicyInput["source"],
  colors: Colors,
): string {
  switch (format) {
    case "text":
      return renderText(report, source, colors);
    case "json":
      return renderJson(report);
    case "github":
      return renderGithub(report);
    case "sarif":
      return renderSarif(report);
  }
}

/** One line for stderr: `2 errors, 1 warning in 14 files (31 objects)`. */
export function summarize(report: Report, paths: readonly string[], colors: Colors): string {
  if (report.files === 0 && report.problems.length === 0) {
    return `${colors.yellow("warning:")} no policy files in ${paths.join(", ")} (*.yaml, *.yml and *.json count)\n`;
  }
  const failures = report.problems.length + report.rejections.length;
  const counts = countDiagnostics(report.diagnostics, failures);
  return `${counts} in ${plural(report.files, "file")} (${plural(report.objects, "object")})\n`;
}

function renderText(report: Report, source: PolicyInput["source"], colors: Colors): string {
  const pieces = [
    ...report.problems.map(
      ({ name, message }) => `${colors.bold(colors.red("error"))}: ${name}: ${message}\n`,
    ),
    showDiagnostics(report.diagnostics, source, colors),
    ...report.rejections.map((rejection) => renderRejection(rejection, colors)),
  ];
  const text = pieces.filter((piece) => piece !== "").join("\n");
  // An empty line before the summary, when both land on the same screen.
  return text === "" ? "" : `${text}\n`;
}

function renderRejection(rejection: EnvoyRejection, colors: Colors): string {
  const { message, proxies, places } = rejection;
  const heading = `: Envoy refuses ${nameResources(rejection)}: ${message}`;
  const lines = [
    `${colors.bold(colors.red("error[envoy]"))}${colors.bold(heading)}`,
    ...places.slice(0, most).map((place) => `${colors.blue("  -->")} ${place}`),
    ...(places.length > most ? [`${colors.blue("  -->")} and ${places.length - most} more`] : []),
    `  ${colors.blue("=")} ${colors.green("proxies")}: ${shorten(proxies)}`,
  ];
  return `${lines.join("\n")}\n`;
}

const most = 5;

function shorten(names: readonly string[]): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
