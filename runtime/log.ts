// Structured logs on stderr: one JSON object per line, or short readable lines on a terminal. Scopes are istiod's.

import picocolors from "picocolors";
import { type Logger, type LoggerOptions, pino } from "pino";

export type { Logger };

type Colors = Pick<typeof picocolors, "red" | "yellow" | "dim">;

export type LogFormat = "json" | "text";

/** `ads` for streams, `model` for files and what they mean, `ca` for certificates, `server` for everything else. */
export type Scope = "ads" | "model" | "ca" | "server";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** The least important lines that are written: of a scope, and of those that are not named. */
export interface LogLevels {
  readonly default: LogLevel;
  readonly scopes: Readonly<Partial<Record<Scope, LogLevel>>>;
}

const numbers: Readonly<Record<LogLevel, number>> = {
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  silent: Number.POSITIVE_INFINITY,
};
const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));

/**
 * `write` receives whole lines; stdout is never used, since it belongs to a command's data. `colors` are for text. One level is that of all
 * scopes.
 */
export function createLogger(
  format: LogFormat,
  level: LogLevel | LogLevels,
  write: (line: string) => void = (line) => process.stderr.write(line),
  colors: Colors = picocolors,
): Logger {
  const levels = typeof level === "string" ? { default: level, scopes: {} } : level;
  const options: LoggerOptions = {
    // What no scope wants is not even looked at.
    level: leastOf([levels.default, ...Object.values(levels.scopes)]),
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    hooks: {
      logMethod(args, method, number) {
        if (number >= numbers[levels.scopes[scopeOf(args[0])] ?? levels.default]) method.apply(this, args);
      },
    },
  };
  return pino(options, { write: format === "json" ? write : (line) => write(readable(line, colors)) });
}

function leastOf(levels: readonly LogLevel[]): LogLevel {
  return levels.reduce((least, each) => (numbers[each] < numbers[least] ? each : least));
}

function scopeOf(fields: unknown): Scope {
  return (fields as { readonly scope?: Scope } | undefined)?.scope ?? "server";
}

function readable(line: string, colors: Colors): string {
  const { level, time, scope, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const name = names.get(Number(level)) ?? "info";
  const paint = name === "error" ? colors.red : name === "warn" ? colors.yellow : colors.dim;
  const details = Object.entries(rest)
    .map(
      ([key, value]) =>
        ` ${colors.dim(`${key}=`)}${typeof value === "string" ? value : JSON.stringify(value)}`,
    )
    .join("");
  return `${colors.dim(String(time).slice(11, 23))} ${paint(name.padEnd(5))} ${String(scope ?? "server").padEnd(6)} ${String(msg)}${details}\n`;
}
