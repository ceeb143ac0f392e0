// One value against the protoc-gen-validate rules of its field. In: rules as protojson. Out: a function from the value to
// what is wrong with it. Messages and containers are not known here.

import type { DescEnum, JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";

/** Undefined: nothing is wrong. Otherwise text that reads on after the name of the field. */
export type ValueCheck = (value: unknown) => string | undefined;

const numberKinds = new Set([
  ..."float double int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64".split(" "),
]);

/**
 * Compiles rules such as `{"uint32": {"gte": 1}}`; undefined when they ask nothing of the value itself. Throws for a
 * rule that is not known here: a new Envoy must not switch a check off unseen.
 */
export function compileValueRules(rules: JsonObject, enumeration?: DescEnum): ValueCheck | undefined {
  const checks: ValueCheck[] = [];
  for (const [kind, value] of Object.entries(rules)) {
    const members = value as JsonObject;
    if (numberKinds.has(kind)) checks.push(...numberChecks(members));
    else if (kind === "string") checks.push(...stringChecks(members));
    else if (kind === "enum") checks.push(...enumChecks(members, enumeration));
    else if (kind === "bool") checks.push(...each(members, { const: equalTo }));
    else if (kind === "bytes") checks.push(...each(members, { minLen: atLeastBytes, maxLen: atMostBytes }));
    else if (kind === "duration") checks.push(...durationChecks(members));
    else if (kind !== "message" && kind !== "any" && kind !== "repeated" && kind !== "map") unknownRule(kind);
  }
  if (checks.length === 0) return undefined;
  return ignoringEmpty(rules, (value) => firstFault(checks, value));
}

function firstFault(checks: readonly ValueCheck[], value: unknown): string | undefined {
  for (const check of checks) {
    const fault = check(value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function ignoringEmpty(rules: JsonObject, check: ValueCheck): ValueCheck {
  const ignores = Object.values(rules).some((members) => (members as JsonObject).ignoreEmpty === true);
  if (!ignores) return check;
  return (value) => (value === "" || value === 0 || value === 0n ? undefined : check(value));
}

type Compile = (argument: JsonValue) => ValueCheck;

function each(members: JsonObject, known: Readonly<Record<string, Compile>>): ValueCheck[] {
  return Object.entries(members)
    .filter(([rule]) => rule !== "ignoreEmpty")
    .map(([rule, argument]) => (known[rule] ?? unknownRule(rule))(argument as JsonValue));
}

function unknownRule(rule: string): never {
  throw new Error(`no check for the validation rule ${rule}`);
}

/** 64-bit values are bigints, and their bounds strings in protojson; JavaScript compares across the two. */
function numberChecks(members: JsonObject): ValueCheck[] {
  const comparison =
    (holds: (value: number | bigint, bound: number) => boolean, text: string): Compile =>
    (argument) => {
      const bound = Number(argument);
      return (value) => (holds(value as number | bigint, bound) ? undefined : `must be ${text} ${bound}`);
    };
  return each(members, {
    gt: comparison((value, bound) => value > bound, "greater than"),
    gte: comparison((value, bound) => value >= bound, "at least"),
    lt: comparison((value, bound) => value < bound, "less than"),
    lte: comparison((value, bound) => value <= bound, "at most"),
    const: comparison((value, bound) => Number(value) === bound, "exactly"),
  });
}

function stringChecks({ strict, ...members }: JsonObject): ValueCheck[] {
  return each(members, {
    minLen: (argument) => {
      const least = Number(argument);
      const message = least === 1 ? "must not be empty" : `must have at least ${least} characters`;
      return (value) => (hasCharacters(value as string, least) ? undefined : message);
    },
    maxLen: (argument) => {
      const most = Number(argument);
      const message = `must have at most ${most} characters`;
      return (value) =>
        (value as string).length <= most || characters(value as string) <= most ? undefined : message;
    },
    len: (argument) => {
      const exactly = Number(argument);
      return (value) =>
        characters(value as string) === exactly ? undefined : `must have ${exactly} characters`;
    },
    maxBytes: (argument) => {
      const most = Number(argument);
      return (value) => (utf8Length(value as string) <= most ? undefined : `must have at most ${most} bytes`);
    },
    pattern: (argument) => matching(new RegExp(String(argument), "u"), `must match ${argument}`),
    prefix: (argument) => (value) =>
      (value as string).startsWith(String(argument)) ? undefined : `must begin with ${argument}`,
    suffix: (argument) => (value) =>
      (value as string).endsWith(String(argument)) ? undefined : `must end with ${argument}`,
    in: oneOf,
    wellKnownRegex: (argument) => headerCheck(String(argument), strict !== false),
  });
}

function matching(pattern: RegExp, message: string): ValueCheck {
  return (value) => (pattern.test(value as string) ? undefined : message);
}

/** The two patterns that protoc-gen-validate knows by name; not strict means no NUL, CR or LF. */
function headerCheck(name: string, strict: boolean): ValueCheck {
  switch (name) {
    case "HTTP_HEADER_NAME": {
      const holds = (text: string) => (strict ? headerName.test(text) : staysOnLine(text));
      return (value) => (holds(value as string) ? undefined : "must be a valid HTTP header name");
    }
    case "HTTP_HEADER_VALUE": {
      const holds = strict ? hasNoControls : staysOnLine;
      return (value) => (holds(value as string) ? undefined : "must be a valid HTTP header value");
    }
    default:
      return unknownRule(name);
  }
}

/** As protoc-gen-validate has it: the range from `+` to `.` lets the comma through. */
const headerName = /^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+$/;

function staysOnLine(text: string): boolean {
  return !text.includes("\n") && !text.includes("\r") && !text.includes("\0");
}

/** Tabs are allowed in header values. */
function hasNoControls(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if ((unit < 0x20 && unit !== 0x09) || unit === 0x7f) return false;
  }
  return true;
}

function enumChecks(members: JsonObject, enumeration: DescEnum | undefined): ValueCheck[] {
  return each(members, {
    definedOnly: () => (value) =>
      enumeration?.value[value as number] === undefined ? "must be a value that Envoy knows" : undefined,
    notIn: (argument) => {
      const excluded = new Set(argument as readonly JsonValue[]);
      return (value) => (excluded.has(value as number) ? `must not be ${value}` : undefined);
    },
  });
}

function durationChecks({ required, ...members }: JsonObject): ValueCheck[] {
  const comparison =
    (holds: (value: number, bound: number) => boolean, text: string): Compile =>
    (argument) => {
      const bound = Number(String(argument).replace(/s$/, ""));
      return (value) =>
        holds(seconds(value as Duration), bound) ? undefined : `must be ${text} ${argument}`;
    };
  return each(members, {
    gt: comparison((value, bound) => value > bound, "more than"),
    gte: comparison((value, bound) => value >= bound, "at least"),
    lt: comparison((value, bound) => value < bound, "less than"),
    lte: comparison((value, bound) => value <= bound, "at most"),
  });
}

function seconds(duration: Duration): number {
  return Number(duration.seconds) + duration.nanos / 1e9;
}

/** What Envoy asks of every duration, rules or not: not negative, and in nanoseconds no more than 64 bits. */
export function durationFault(duration: Duration): string | undefined {
  if (duration.seconds < 0n || duration.nanos < 0) return "must not be negative";
  return duration.seconds > 9_223_372_035n ? "is out of range" : undefined;
}

function equalTo(expected: JsonValue): ValueCheck {
  return (value) => (value === expected ? undefined : `must be ${expected}`);
}

function oneOf(argument: JsonValue): ValueCheck {
  const allowed = argument as readonly JsonValue[];
  return (value) => (allowed.includes(value as string) ? undefined : `must be one of ${allowed.join(", ")}`);
}

function atLeastBytes(argument: JsonValue): ValueCheck {
  return (value) =>
    (value as Uint8Array).length >= Number(argument) ? undefined : `must have at least ${argument} bytes`;
}

function atMostBytes(argument: JsonValue): ValueCheck {
  return (value) =>
    (value as Uint8Array).length <= Number(argument) ? undefined : `must have at most ${argument} bytes`;
}

/** Whether there are so many code points, counted only where code units (of which one has at most two) leave it open. */
function hasCharacters(text: string, least: number): boolean {
  return text.length >= 2 * least || (text.length >= least && characters(text) >= least);
}

/** Code points. Only texts with surrogate pairs have fewer than code units. */
function characters(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xdc00) count--;
  }
  return count;
}

function utf8Length(text: string): number {
  let count = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    count += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return count;
}
