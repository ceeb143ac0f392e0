// The plain part of YAML, in which nearly all policy is written, read ten times faster than the whole of it: one text in,
// the same tree out that `yaml-tree.ts` has from the library, or nothing. Whatever is not plainly plain (anchors, tags,
// block scalars, escapes, scalars over several lines, numbers other than short decimal ones, every mistake) is nothing.

import type { JsonValue, Path } from "./raw-object.ts";

/** A value and where it stands. Collections end where the next thing begins. */
interface Spot {
  readonly value: JsonValue;
  readonly start: number;
  readonly end: number;
  /** Of a mapping: where its keys begin, in the order of `children`. */
  readonly keys?: ReadonlyMap<string, number>;
  /** Of a list or a mapping. */
  readonly children?: readonly Spot[];
}

export interface PlainTree {
  /** Frozen all the way down. */
  readonly value: JsonValue;
  /** The characters of the value at the path, or of the nearest ancestor that exists; with `key`, of its key. */
  range(path: Path, key: boolean): readonly [start: number, end: number];
}

/** Reads one document (`text` may begin with `---`); undefined: ask the library. */
export function readPlainYaml(text: string): PlainTree | undefined {
  if (/[^\n\x20-\x7e]/.test(text)) return undefined;
  const root = new Reader(text).document();
  return root && { value: root.value, range: (path, key) => rangeOf(root, path, key) };
}

function rangeOf(root: Spot, path: Path, key: boolean): readonly [number, number] {
  let spot = root;
  let keySpot: readonly [number, number] | undefined;
  for (const step of path) {
    const name = String(step);
    const keyStart = spot.keys?.get(name);
    const index = spot.keys === undefined ? Number(step) : [...spot.keys.keys()].indexOf(name);
    const child = spot.children?.[index];
    if (child === undefined) return keySpot ?? [spot.start, spot.end];
    keySpot = keyStart === undefined ? undefined : [keyStart, keyStart + name.length];
    spot = child;
  }
  return (key ? keySpot : undefined) ?? [spot.start, spot.end];
}

/** Deeper nesting is left to the library, which says where it is too deep. */
const deepest = 60;

const space = 0x20;
const newline = 0x0a;
const dash = 0x2d;
const hash = 0x23;

/** `name:` and then a space or the end of the line. Begins with a letter: no number, no `<<`, no `__proto__`. */
const keyPattern = /([A-Za-z][\w./-]{0,200}):(?=[ \n]|$)/y;
/** Up to the end of the line, or to what might be a comment or a nested mapping. */
const plainPattern = /[A-Za-z0-9/_][^\n:#]*(?::[^ \n:#][^\n:#]*)*/y;
/** Inside brackets; ends before what is special there. */
const flowPattern = /[A-Za-z0-9/_](?:[\w./-]| (?=[\w./-]))*/y;
const quotedPattern = /"([^"\\\n]*)"|'([^'\n]*)'/y;

/** Words that are no texts; `undefined` for those that need a remark. */
const words: ReadonlyMap<string, JsonValue | undefined> = new Map<string, JsonValue | undefined>([
  ...["null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"].map(
    (word) => [word, undefined] as const,
  ),
]);

/** What an unquoted scalar says; undefined where that takes more thought. */
function plainValue(source: string): JsonValue | undefined {
  const first = source.charCodeAt(0);
  if (first < 0x30 || first > 0x39) return words.has(source) ? words.get(source) : source;
  if (/^(?:0|[1-9]\d{0,14})$/.test(source)) return Number(source);
  // Digits with a letter that no number has, or with two dots (addresses), are texts.
  return /[g-np-wyzG-WYZ/:]|\..*\./.test(source) ? source : undefined;
}

/** Stands at the next thing to read; the column is that of the line's first character, -1 at the end of the text. */
class Reader {
  readonly #text: string;
  #at = 0;
  #column = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Spot | undefined {
    if (this.#text.startsWith("---")) {
      this.#at = 3;
      if (!this.#endLine()) return undefined;
    } else this.#toContent();
    if (this.#column !== 0) return undefined;
    const root = this.#block(0);
    // A line at a column that no open collection has (a scalar that goes on, say) ends all of them before the text does.
    return this.#at === this.#text.length ? root : undefined;
  }

  #block(depth: number): Spot | undefined {
    if (depth > deepest) return undefined;
    return this.#isItem() ? this.#sequence(this.#column, depth) : this.#mapping(this.#column, depth);
  }

  #mapping(column: number, depth: number): Spot | undefined {
    const start = this.#at;
    const value: Record<string, JsonValue> = {};
    const keys = new Map<string, number>();
    const children: Spot[] = [];
    do {
      const keyStart = this.#at;
      const key = this.#match(keyPattern)?.[1];
      if (key === undefined || keys.has(key)) return undefined;
      this.#skipSpaces();
      const child = this.#atLineEnd() ? this.#below(column, depth) : this.#inline();
      if (child === undefined) return undefined;
      keys.set(key, keyStart);
      children.push(child);
      value[key] = child.value;
    } while (this.#column === column);
    return { value: Object.freeze(value), start, end: this.#at, keys, children };
  }

  /** The block on the lines after `key:`, which is deeper, or a list that is as deep. */
  #below(column: number, depth: number): Spot | undefined {
    if (!this.#endLine()) return undefined;
    if (this.#column > column || (this.#column === column && this.#isItem())) return this.#block(depth + 1);
    return undefined;
  }

  #sequence(column: number, depth: number): Spot | undefined {
    const start = this.#at;
    const children: Spot[] = [];
    do {
      const dashAt = this.#at;
      this.#at += 1;
      this.#skipSpaces();
      if (this.#atLineEnd() || this.#isItem() || depth > deepest) return undefined;
      const child = this.#isKey() ? this.#mapping(column + this.#at - dashAt, depth + 1) : this.#inline();
      if (child === undefined) return undefined;
      children.push(child);
    } while (this.#column === column && this.#isItem());
    return { value: Object.freeze(children.map(({ value }) => value)), start, end: this.#at, children };
  }

  /** A value on the rest of this line. */
  #inline(): Spot | undefined {
    const spot = this.#value(plainPattern, 0);
    return this.#endLine() ? spot : undefined;
  }

  #value(plain: RegExp, depth: number): Spot | undefined {
    switch (this.#text[this.#at]) {
      case "[":
      case "{":
        return depth > deepest ? undefined : this.#flow(depth);
      case '"':
      case "'":
        return this.#quoted();
      default:
        return this.#plain(plain);
    }
  }

  #flow(depth: number): Spot | undefined {
    const open = this.#text[this.#at];
    const start = this.#at;
    const keys = open === "{" ? new Map<string, number>() : undefined;
    const close = open === "{" ? "}" : "]";
    const value: Record<string, JsonValue> = {};
    const children: Spot[] = [];
    this.#at += 1;
    this.#skipSpaces();
    while (this.#text[this.#at] !== close) {
      if (children.length > 0) {
        if (this.#text[this.#at] !== ",") return undefined;
        this.#at += 1;
        this.#skipSpaces();
      }
      const keyStart = this.#at;
      const key = keys && this.#match(keyPattern)?.[1];
      if (keys && (key === undefined || keys.has(key))) return undefined;
      this.#skipSpaces();
      const child = this.#value(flowPattern, depth + 1);
      if (child === undefined) return undefined;
      if (keys && key !== undefined) {
        keys.set(key, keyStart);
        value[key] = child.value;
      }
      children.push(child);
      this.#skipSpaces();
    }
    this.#at += 1;
    const whole = Object.freeze(keys ? value : children.map((child) => child.value));
    return { value: whole, start, end: this.#at, ...(keys && { keys }), children };
  }

  #quoted(): Spot | undefined {
    const start = this.#at;
    const found = this.#match(quotedPattern);
    return found && { value: found[1] ?? found[2] ?? "", start, end: this.#at };
  }

  #plain(pattern: RegExp): Spot | undefined {
    const start = this.#at;
    const source = this.#match(pattern)?.[0].trimEnd();
    const value = source === undefined ? undefined : plainValue(source);
    if (source === undefined || value === undefined) return undefined;
    return { value, start, end: start + source.length };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #isKey(): boolean {
    keyPattern.lastIndex = this.#at;
    return keyPattern.test(this.#text);
  }

  #isItem(): boolean {
    return this.#text.charCodeAt(this.#at) === dash && this.#text.charCodeAt(this.#at + 1) === space;
  }

  #skipSpaces(): void {
    while (this.#text.charCodeAt(this.#at) === space) this.#at += 1;
  }

  /** Nothing more on this line but a comment, which a space must precede. */
  #atLineEnd(): boolean {
    const next = this.#text.charCodeAt(this.#at);
    const comment = next === hash && this.#text.charCodeAt(this.#at - 1) === space;
    return comment || next === newline || this.#at === this.#text.length;
  }

  /** Goes on to the next line with something in it; false if there is something left in this one. */
  #endLine(): boolean {
    this.#skipSpaces();
    if (!this.#atLineEnd()) return false;
    this.#toNextLine();
    this.#toContent();
    return true;
  }

  #toNextLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
  }

  /** From the start of a line to the first thing that is neither blank nor a comment. */
  #toContent(): void {
    for (;;) {
      const lineStart = this.#at;
      this.#skipSpaces();
      if (this.#at === this.#text.length) {
        this.#column = -1;
        return;
      }
      const next = this.#text.charCodeAt(this.#at);
      if (next !== newline && next !== hash) {
        this.#column = this.#at - lineStart;
        return;
      }
      this.#toNextLine();
    }
  }
}
