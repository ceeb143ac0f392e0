// The report as SARIF 2.1.0 (OASIS), which code scanning services and editors read.

import { isAbsolute, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Position } from "#compiler";
import { type Code, catalogue, type Diagnostic, type Severity } from "#compiler";
import { productVersion } from "../product-version.ts";
import type { Report } from "./findings.ts";
import { describeRejection } from "./rejection.ts";

const levels: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" };

// What has no code of the compiler's.
const otherRules = [
  { id: "unreadable", meaning: "The file or folder cannot be read.", remedy: "" },
  { id: "envoy", meaning: "A real Envoy refuses the compiled configuration.", remedy: "" },
];

/** One SARIF log with one run; ends in a newline. */
export function renderSarif({ diagnostics, problems, rejections }: Report): string {
  const rules = [
    ...Object.entries(catalogue).map(([id, { meaning, remedy, severity }]) =>
      rule(id, meaning, remedy, severity),
    ),
    ...otherRules.map(({ id, meaning, remedy }) => rule(id, meaning, remedy, "error")),
  ];
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const result = (id: Code | string, level: string, text: string, rest: object) => ({
    ruleId: id,
    ruleIndex: indexes.get(id),
    level,
    message: { text },
    ...rest,
  });
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "fairlead", version: productVersion(), rules } },
        columnKind: "utf16CodeUnits",
        results: [
          ...diagnostics.map((one) =>
            result(one.code, levels[one.severity], textOf(one), {
              locations: [location(one.position)],
              ...(one.notes.length === 0
                ? {}
                : {
                    relatedLocations: one.notes.map(({ message, position }, id) => ({
                      id,
                      ...location(position),
                      message: { text: message },
                    })),
                  }),
            }),
          ),
          ...problems.map(({ name, message }) =>
            result("unreadable", "error", `${name}: ${message}`, {
              locations: [{ physicalLocation: { artifactLocation: artifact(name) } }],
            }),
          ),
          ...rejections.map((rejection) => result("envoy", "error", describeRejection(rejection), {})),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function rule(id: string, meaning: string, remedy: string, severity: Severity) {
  return {
    id,
    shortDescription: { text: meaning },
    ...(remedy === "" ? {} : { help: { text: remedy } }),
    defaultConfiguration: { level: levels[severity] },
  };
}

function textOf({ message, help }: Diagnostic): string {
  return help === undefined ? message : `${message}\nhelp: ${help}`;
}

function location({ file, line, column, length }: Position) {
  const region = { startLine: line, startColumn: column, endColumn: column + Math.max(1, length) };
  return { physicalLocation: { artifactLocation: artifact(file), region } };
}

/** A URI: relative to where the command ran, as services that know the repository want it, or absolute. */
function artifact(file: string): { readonly uri: string } {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split(sep).map(encodeURIComponent).join("/") };
}
