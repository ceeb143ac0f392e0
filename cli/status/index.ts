// The state of the proxies as a command: asks a running server, and waits if it is told to.

import type { Diagnostic } from "#compiler";
import type { ProxySync, QuarantineEntry } from "#runtime";
import { type ExitCode, exitCodes } from "../exit.ts";
import type { HostPort } from "../options/host-port.ts";
import { askServer } from "../pages/ask.ts";
import { connectedProxies, findProxy, notConnected } from "../pages/proxies.ts";
import { plural } from "../plural.ts";
import type { Terminal } from "../terminal.ts";
import { renderStatus } from "./text.ts";
import { refusals } from "./verdict.ts";
import { type Awaited, waitForSync } from "./wait.ts";

export interface StatusOptions {
  readonly http: HostPort;
  readonly wait: boolean;
  readonly timeout: number;
  readonly output: "text" | "json";
}

/** Of one proxy, or of all. Without `--wait` any answer is a success; with it, only that everything is acknowledged. */
export async function runStatus(
  name: string | undefined,
  options: StatusOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { http, wait, timeout } = options;
  const started = performance.now();
  const awaited = wait ? await waitForSync(http, name, timeout) : undefined;
  const all = await connectedProxies(http);
  const proxies = awaited?.proxies ?? choose(all, name);
  const quarantine = await askServer<readonly QuarantineEntry[]>(http, "/debug/quarantine");
  if (options.output === "json") {
    terminal.out(`${JSON.stringify({ version: 1, proxies, quarantine }, null, 2)}\n`);
  } else if (proxies.length > 0) {
    terminal.out(renderStatus(proxies, quarantine, Date.now(), terminal.outColors));
  }
  warnOfErrors(await askServer<readonly Diagnostic[]>(http, "/debug/diagnostics"), terminal);
  if (awaited)
    return conclude(awaited, { name, timeout, all, tookMs: performance.now() - started }, terminal);
  if (proxies.length === 0) terminal.err("no proxy is connected\n");
  return exitCodes.ok;
}

function choose(proxies: readonly ProxySync[], name: string | undefined): readonly ProxySync[] {
  if (name === undefined) return proxies;
  const found = findProxy(proxies, name);
  if (!found) throw notConnected(name, proxies);
  return [found];
}

/** What is acknowledged may not be what the files say. */
function warnOfErrors(diagnostics: readonly Diagnostic[], { err, errColors }: Terminal): void {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (!first) return;
  const { file, line, column } = first.position;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  err(
    `${errColors.yellow("warning:")} ${plural(errors.length, "error")} in the files, where older versions may still be in force: ` +
      `${file}:${line}:${column}: ${first.message}${more}\n`,
  );
}

interface Wait {
  readonly name: string | undefined;
  readonly timeout: number;
  readonly all: readonly ProxySync[];
  readonly tookMs: number;
}

function conclude({ verdict, proxies }: Awaited, wait: Wait, terminal: Terminal): ExitCode {
  const error = terminal.errColors.red("error:");
  switch (verdict) {
    case "done":
      terminal.err(
        `${plural(proxies.length, "proxy")} in sync with the newest configuration, after ${seconds(wait.tookMs)}\n`,
      );
      return exitCodes.ok;
    case "refused":
      terminal.err(`${error} refused: ${namesWhere(proxies, (state) => refusals.includes(state))}\n`);
      return exitCodes.failed;
    case "waiting":
      terminal.err(`${error} not in sync after ${seconds(wait.timeout)}: ${whatIsMissing(proxies, wait)}\n`);
      return exitCodes.failed;
  }
}

function whatIsMissing(proxies: readonly ProxySync[], { name, all }: Wait): string {
  if (proxies.length > 0) return namesWhere(proxies, (state) => state !== "SYNCED" && state !== "NOT SENT");
  return name === undefined ? "no proxy is connected" : notConnected(name, all).message;
}

function namesWhere(
  proxies: readonly ProxySync[],
  which: (state: ProxySync["types"][number]["status"]) => boolean,
): string {
  const told = proxies.flatMap(({ name, version, types }) => {
    if (version === undefined) return [`${name} (nothing to send yet)`];
    const found = types.filter(({ status }) => which(status)).map(({ type }) => type);
    return found.length === 0 ? [] : [`${name} (${found.join(", ")})`];
  });
  return told.join(", ");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
