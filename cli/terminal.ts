// Where a command's output goes: data and messages apart, each coloured only where somebody looks at it.

import { createColors } from "picocolors";

/** The palette of one stream; plain text where colours are off. */
export type Colors = ReturnType<typeof createColors>;

export interface Terminal {
  /** Data, and nothing else: what a script reads. */
  out(text: string): void;
  /** Messages: what a person reads. */
  err(text: string): void;
  readonly outColors: Colors;
  readonly errColors: Colors;
  /** Somebody reads the messages as they come. */
  readonly errIsTerminal: boolean;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    outColors: createColors(wantsColor(env, stdout.isTTY === true)),
    errColors: createColors(wantsColor(env, stderr.isTTY === true)),
    errIsTerminal: stderr.isTTY === true,
    stdin,
    env,
  };
}

/** `FORCE_COLOR` (unless 0) wins over `NO_COLOR` (https://no-color.org), which wins over what the stream is. */
export function wantsColor(env: Terminal["env"], isTerminal: boolean): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  return isTerminal && TERM !== "dumb";
}
