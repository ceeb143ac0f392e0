// The report as JSON for tools. `version` changes when a field changes its meaning or goes away.

import type { Report } from "./findings.ts";

/** One object, indented; ends in a newline. */
export function renderJson({ diagnostics, problems, rejections, files, objects }: Report): string {
  const count = (wanted: string) => diagnostics.filter(({ severity }) => severity === wanted).length;
  const report = {
    version: 1,
    summary: {
      files,
      objects,
      errors: count("error") + problems.length + rejections.length,
      warnings: count("warning"),
      infos: count("info"),
    },
    diagnostics,
    unreadable: problems,
    envoyRejections: rejections,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
