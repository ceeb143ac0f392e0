// Structured logs on stderr: one JSON object per line, or short readable lines on a terminal. Scopes are istiod's.

import picocolors from "picocolors";
import { type Logger, pino } from "pino";

export type { Logger };

type Colors = Pick<typeof picocolors, "red" | "yellow" | "dim">;

export type LogFormat = "json" | "text";

/** `ads` for streams, `model` for files and what they mean, `ca` for certificates, `server` for everything else. */
export type Scope = "ads" | "model" | "ca" | "server";

const levelNames: Readonly<Record<number, string>> = { 20: "debug", 30: "info", 40: "warn", 50: "error" };

/** `write` receives whole lines; stdout is never used, since it belongs to a command's data. `colors` are for text. */
export function createLogger(
  format: LogFormat,
  level: "debug" | "info" | "warn" | "error" | "silent",
  write: (line: string) => void = (line) => process.stderr.write(line),
  colors: Colors = picocolors,
): Logger {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  return pino(options, { write: format === "json" ? write : (line) => write(readable(line, colors)) });
}

function readable(line: string, colors: Colors): string {
  const { level, time, scope, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const name = levelNames[Number(level)] ?? "info";
  const paint = name === "error" ? colors.red : name === "warn" ? colors.yellow : colors.dim;
  const details = Object.entries(rest)
    .map(
      ([key, value]) =>
        ` ${colors.dim(`${key}=`)}${typeof value === "string" ? value : JSON.stringify(value)}`,
    )
    .join("");
  return `${colors.dim(String(time).slice(11, 23))} ${paint(name.padEnd(5))} ${String(scope ?? "server").padEnd(6)} ${String(msg)}${details}\n`;
}
