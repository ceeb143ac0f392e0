// What a command ends with. The same numbers everywhere, so that scripts can rely on them.

/** `fairlead diff` also ends with `failed` when it finds a difference, and with `usage` for any trouble, as diff(1) does. */
export const exitCodes = {
  ok: 0,
  /** The command did its work and has bad news: errors in the files, a port that is taken, Envoy says no. */
  failed: 1,
  /** The command line cannot be carried out as it is. */
  usage: 2,
  /** A mistake of Fairlead's own (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;

export type ExitCode = number;

/** The command line asks for something that cannot be done; ends with `exitCodes.usage`. */
export class UsageError extends Error {}

/** Something outside the command line is in the way; ends with `exitCodes.failed`. */
export class CommandFailed extends Error {}
