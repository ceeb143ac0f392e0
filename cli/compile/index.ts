// Compilation as a command: reads the files, says on stderr what is wrong with them, and prints or writes one stage.

import { compileMesh, hasErrors, type MeshProxy, type ResourceType } from "#compiler";
import { type ExitCode, exitCodes, UsageError } from "../exit.ts";
import type { ProxyFlags } from "../options/proxy.ts";
import { plural } from "../plural.ts";
import { readPolicy } from "../read-policy.ts";
import { countDiagnostics, showDiagnostics, showProblems } from "../show-diagnostics.ts";
import type { Terminal } from "../terminal.ts";
import { type OutputFormat, printResources } from "./print-resources.ts";
import { selectProxies } from "./select-proxies.ts";
import { describeMesh, describeObjects, describeViews, renderData } from "./stages.ts";
import { writeFolder } from "./write-folder.ts";

export interface CompileOptions extends ProxyFlags {
  readonly all: boolean;
  readonly proxyType?: MeshProxy["type"];
  readonly type: ResourceType | "all";
  readonly stopAfter: "parse" | "mesh" | "view" | "envoy";
  readonly output: OutputFormat;
  readonly out?: string;
  readonly meshConfig?: string;
}

/** Goes on with what is good in the files. */
export async function runCompile(
  paths: readonly string[],
  options: CompileOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkTogether(options);
  const input = await readPolicy(paths, options.meshConfig, terminal);
  const compiled = compileMesh(input);
  const { diagnostics, mesh, files } = compiled;
  terminal.err(showProblems(input.problems, terminal.errColors));
  terminal.err(showDiagnostics(diagnostics, input.source, terminal.errColors));
  const proxies = () => selectProxies(mesh, options, (text) => warn(terminal, text));
  const types = options.type;

  switch (options.stopAfter) {
    case "parse":
      terminal.out(renderData(describeObjects(files), options.output));
      break;
    case "mesh":
      terminal.out(renderData(describeMesh(mesh), options.output));
      break;
    case "view":
      terminal.out(renderData(describeViews(mesh, proxies()), options.output));
      break;
    case "envoy": {
      const selected = proxies();
      if (selected.length === 0) warn(terminal, "the files imply no proxies: --name NAME compiles for one");
      if (options.out === undefined) printResources(mesh, selected, types, options.output, terminal.out);
      else {
        const scope = options.name === undefined ? "all" : "selected";
        const done = await writeFolder(options.out, mesh, selected, types, options.output, scope);
        terminal.err(
          `${options.out}: ${plural(done.files, "file")} for ${plural(selected.length, "proxy")} ` +
            `(${done.written} written, ${done.files - done.written} unchanged, ${done.removed} stale removed)\n`,
        );
      }
    }
  }
  const failed = hasErrors(diagnostics) || input.problems.length > 0;
  if (failed) terminal.err(`${countDiagnostics(diagnostics, input.problems.length)}\n`);
  return failed ? exitCodes.failed : exitCodes.ok;
}

function checkTogether(options: CompileOptions): void {
  const { all, name, out, stopAfter, type, label, ip, serviceAccount, locality, proxyType, namespace } =
    options;
  if (all && name !== undefined) throw new UsageError("--all and --name exclude each other");
  const lone = { namespace, ip, label, locality, "service-account": serviceAccount, "proxy-type": proxyType };
  const without = Object.entries(lone).find(([, value]) => value !== undefined);
  if (name === undefined && without)
    throw new UsageError(`--${without[0]} describes the proxy that --name names`);
  if (out !== undefined && stopAfter !== "envoy") {
    throw new UsageError("--out writes Envoy resources, so it does not go with --stop-after");
  }
  if (type !== "all" && stopAfter !== "envoy") {
    throw new UsageError(`--type chooses among Envoy resources, which there are none of after ${stopAfter}`);
  }
}

function warn(terminal: Terminal, text: string): void {
  terminal.err(`${terminal.errColors.yellow("warning:")} ${text}\n`);
}
