// Validation as a command: reads the files, lets the compiler judge them, and reports in the form that was asked for.

import {
  type CompiledMesh,
  checkLifetimes,
  compileMesh,
  type Diagnostic,
  defaultMeshConfig,
  hasErrors,
  readFile,
  readMeshConfig,
  sortDiagnostics,
} from "#compiler";
import { type ExitCode, exitCodes, UsageError } from "../exit.ts";
import { type PolicyInput, readPolicy } from "../read-policy.ts";
import type { Terminal } from "../terminal.ts";
import type { Report } from "./findings.ts";
import { type ReportFormat, renderReport, summarize } from "./report.ts";

export interface ValidateOptions {
  readonly output: ReportFormat;
  readonly schemaOnly: boolean;
  readonly envoy: boolean;
  readonly meshConfig?: string;
}

/** Data goes to stdout in the chosen form; the summary, and what cannot be read, to stderr. */
export async function runValidate(
  paths: readonly string[],
  options: ValidateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.schemaOnly && options.envoy) {
    throw new UsageError("--schema-only judges objects one by one, so there is nothing to load with --envoy");
  }
  const input = await readPolicy(paths, options.meshConfig, terminal);
  const { diagnostics, objects, compiled } = options.schemaOnly ? judgeEach(input) : judgeTogether(input);
  const rejections =
    options.envoy && compiled ? await (await import("./ask-envoy.ts")).askEnvoy(compiled.mesh, terminal) : [];
  const report: Report = {
    diagnostics,
    problems: input.problems,
    rejections,
    files: input.files.length,
    objects,
  };
  terminal.out(renderReport(report, options.output, input.source, terminal.outColors));
  terminal.err(summarize(report, paths, terminal.errColors));
  const bad = hasErrors(diagnostics) || input.problems.length > 0 || rejections.length > 0;
  return bad ? exitCodes.failed : exitCodes.ok;
}

interface Judgement {
  readonly diagnostics: readonly Diagnostic[];
  readonly objects: number;
  readonly compiled?: CompiledMesh;
}

function judgeEach({ files, meshConfig }: PolicyInput): Judgement {
  const { config = defaultMeshConfig, diagnostics } = readMeshConfig(meshConfig);
  const read = files.map((file) => readFile(file, config));
  return {
    diagnostics: sortDiagnostics([...diagnostics, ...read.flatMap((file) => file.diagnostics)]),
    objects: read.reduce((sum, file) => sum + file.objects.length, 0),
  };
}

function judgeTogether({ files, meshConfig }: PolicyInput): Judgement {
  const compiled = compileMesh({ files, ...(meshConfig ? { meshConfig } : {}) });
  const objects = compiled.files.reduce((sum, file) => sum + file.objects.length, 0);
  const diagnostics = [...compiled.diagnostics, ...checkLifetimes(compiled.mesh, Date.now())];
  return { diagnostics: sortDiagnostics(diagnostics), objects, compiled };
}
