// Which log lines are wanted, by scope, as istiod's `--log_output_level` has it.

import { InvalidArgumentError } from "commander";
import type { LogLevel, LogLevels, Scope } from "#runtime";

// As tables, so that none can be forgotten.
const levels: Readonly<Record<LogLevel, true>> = {
  debug: true,
  info: true,
  warn: true,
  error: true,
  silent: true,
};
const scopes: Readonly<Record<Scope, true>> = { ads: true, model: true, ca: true, server: true };

/** `debug`; `ads:debug`, and `info` for the others; `default:warn,ads:debug,ca:info`. Of two for one scope the last one counts. */
export function parseLogLevels(text: string): LogLevels {
  let parsed: LogLevels = { default: "info", scopes: {} };
  for (const part of text.split(",")) {
    const [scope = "", level = ""] = part.includes(":") ? part.split(":") : ["default", part];
    if (!isOneOf(levels, level)) {
      throw new InvalidArgumentError(`"${level}" is no level. There are ${listOf(levels)}.`);
    }
    if (scope === "default") parsed = { ...parsed, default: level };
    else if (isOneOf(scopes, scope)) parsed = { ...parsed, scopes: { ...parsed.scopes, [scope]: level } };
    else throw new InvalidArgumentError(`"${scope}" is no scope. There are default, ${listOf(scopes)}.`);
  }
  return parsed;
}

function isOneOf<T extends string>(known: Readonly<Record<T, true>>, text: string): text is T {
  return Object.hasOwn(known, text);
}

function listOf(known: Readonly<Record<string, true>>): string {
  return Object.keys(known).join(", ");
}
