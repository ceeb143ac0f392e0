// Which log lines are wanted, by scope, as istiod's `--log_output_level` has it.

import { InvalidArgumentError } from "commander";
import type { LogLevel, LogLevels, Scope } from "#runtime";

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];
const scopes: readonly Scope[] = ["ads", "model", "ca", "server"];

/** `debug`; `ads:debug`, and `info` for the others; `default:warn,ads:debug,ca:info`. Of two for one scope the last one counts. */
export function parseLogLevels(text: string): LogLevels {
  let parsed: LogLevels = { default: "info", scopes: {} };
  for (const part of text.split(",")) {
    const [scope = "", level = ""] = part.includes(":") ? part.split(":") : ["default", part];
    if (!isOneOf(levels, level)) {
      throw new InvalidArgumentError(`"${level}" is no level. There are ${levels.join(", ")}.`);
    }
    if (scope === "default") parsed = { ...parsed, default: level };
    else if (isOneOf(scopes, scope)) parsed = { ...parsed, scopes: { ...parsed.scopes, [scope]: level } };
    else throw new InvalidArgumentError(`"${scope}" is no scope. There are default, ${scopes.join(", ")}.`);
  }
  return parsed;
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text);
}
