// The plain part of YAML, in which nearly all policy is written, read ten times faster than the whole of it: one text in,
// the same tree out that `yaml-tree.ts` has from the library, or nothing. Whatever is not plainly plain (anchors, tags,
// block scalars, escapes, scalars over several lines, numbers other than short decimal ones, every mistake) is nothing.

import { isJsonObject, type JsonValue, type Path } from "./raw-object.ts";

export interface PlainTree {
  /** Frozen all the way down. */
  readonly value: JsonValue;
  /** The characters of the value at the path, or of the nearest ancestor that exists; with `key`, of its key. */
  range(path: Path, key: boolean): readonly [start: number, end: number];
}

/** Reads one document (`text` may begin with `---`); undefined: ask the library. */
export function readPlainYaml(text: string): PlainTree | undefined {
  if (/[^\n\x20-\x7e]/.test(text)) return undefined;
  const reader = new Reader(text);
  const value = reader.document();
  if (value === undefined) return undefined;
  const places = reader.places();
  return { value, range: (path, key) => rangeOf(value, places, path, key) };
}

/**
 * Where every value stands, a collection before what is in it: of each, where its key begins (or `noKey`), where it
 * begins, where it ends (a collection: where the next thing begins), and which entry comes after everything in it. Numbers in one list,
 * because they are kept as long as the mesh is, and are seldom asked for: as objects they were larger than the values.
 */
type Places = readonly number[];

const noKey = -1;
const toStart = 1;
const toEnd = 2;
const toNext = 3;

function rangeOf(root: JsonValue, places: Places, path: Path, key: boolean): readonly [number, number] {
  let value = root;
  let entry = 0;
  let keyRange: readonly [number, number] | undefined;
  for (const step of path) {
    const index = indexOf(value, step);
    if (index === undefined) return keyRange ?? valueAt(places, entry);
    entry += toNext + 1;
    for (let passed = 0; passed < index; passed += 1) entry = places[entry + toNext] ?? 0;
    const keyStart = places[entry] ?? noKey;
    keyRange = keyStart === noKey ? undefined : [keyStart, keyStart + String(step).length];
    value = (isJsonObject(value) ? value[step] : (value as readonly JsonValue[])[index]) ?? null;
  }
  return (key ? keyRange : undefined) ?? valueAt(places, entry);
}

function valueAt(places: Places, entry: number): readonly [number, number] {
  return [places[entry + toStart] ?? 0, places[entry + toEnd] ?? 0];
}

/** The how-manieth of a collection; undefined where there is no such thing. */
function indexOf(value: JsonValue, step: string | number): number | undefined {
  if (Array.isArray(value)) return value[Number(step)] === undefined ? undefined : Number(step);
  // Keys begin with a letter, so that they have the order in which they were written.
  if (isJsonObject(value) && Object.hasOwn(value, step)) return Object.keys(value).indexOf(String(step));
  return undefined;
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

/** A list that grew has room left over; its copy has none. */
function frozenList(items: readonly JsonValue[]): JsonValue {
  return Object.freeze(items.slice());
}

/**
 * Stands at the next thing to read; the column is that of the line's first character, -1 at the end of the text. What reads a
 * value is told where its key begins, and returns undefined when that is for the library.
 */
class Reader {
  readonly #text: string;
  readonly #places: number[] = [];
  #at = 0;
  #column = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue | undefined {
    if (this.#text.startsWith("---")) {
      this.#at = 3;
      if (!this.#endLine()) return undefined;
    } else this.#toContent();
    if (this.#column !== 0) return undefined;
    const root = this.#block(0, noKey);
    // A line at a column that no open collection has (a scalar that goes on, say) ends all of them before the text does.
    return this.#at === this.#text.length ? root : undefined;
  }

  /** Of the document, once it has been read. A copy has no room left over for more. */
  places(): Places {
    return this.#places.slice();
  }

  /** Notes that a collection begins here; the result is for `#close`. */
  #open(keyStart: number): number {
    return this.#places.push(keyStart, this.#at, 0, 0) - toNext - 1;
  }

  #close(entry: number): void {
    this.#places[entry + toEnd] = this.#at;
    this.#places[entry + toNext] = this.#places.length;
  }

  #noteScalar(keyStart: number, start: number, end: number): void {
    this.#places.push(keyStart, start, end, this.#places.length + toNext + 1);
  }

  #block(depth: number, keyStart: number): JsonValue | undefined {
    if (depth > deepest) return undefined;
    const column = this.#column;
    return this.#isItem() ? this.#sequence(column, depth, keyStart) : this.#mapping(column, depth, keyStart);
  }

  #mapping(column: number, depth: number, ownKey: number): JsonValue | undefined {
    const entry = this.#open(ownKey);
    const value: Record<string, JsonValue> = {};
    do {
      const keyStart = this.#at;
      const key = this.#match(keyPattern)?.[1];
      if (key === undefined || Object.hasOwn(value, key)) return undefined;
      this.#skipSpaces();
      const child = this.#atLineEnd() ? this.#below(column, depth, keyStart) : this.#inline(keyStart);
      if (child === undefined) return undefined;
      value[key] = child;
    } while (this.#column === column);
    this.#close(entry);
    return Object.freeze(value);
  }

  /** The block on the lines after `key:`, which is deeper, or a list that is as deep. */
  #below(column: number, depth: number, keyStart: number): JsonValue | undefined {
    if (!this.#endLine()) return undefined;
    const isBelow = this.#column > column || (this.#column === column && this.#isItem());
    return isBelow ? this.#block(depth + 1, keyStart) : undefined;
  }

  #sequence(column: number, depth: number, ownKey: number): JsonValue | undefined {
    const entry = this.#open(ownKey);
    const items: JsonValue[] = [];
    do {
      const dashAt = this.#at;
      this.#at += 1;
      this.#skipSpaces();
      if (this.#atLineEnd() || this.#isItem() || depth > deepest) return undefined;
      const item = this.#isKey()
        ? this.#mapping(column + this.#at - dashAt, depth + 1, noKey)
        : this.#inline(noKey);
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#column === column && this.#isItem());
    this.#close(entry);
    return frozenList(items);
  }

  /** A value on the rest of this line. */
  #inline(keyStart: number): JsonValue | undefined {
    const value = this.#value(plainPattern, 0, keyStart);
    return this.#endLine() ? value : undefined;
  }

  #value(plain: RegExp, depth: number, keyStart: number): JsonValue | undefined {
    switch (this.#text[this.#at]) {
      case "[":
      case "{":
        return depth > deepest ? undefined : this.#flow(depth, keyStart);
      case '"':
      case "'":
        return this.#quoted(keyStart);
      default:
        return this.#plain(plain, keyStart);
    }
  }

  #flow(depth: number, ownKey: number): JsonValue | undefined {
    const isMapping = this.#text[this.#at] === "{";
    const close = isMapping ? "}" : "]";
    const entry = this.#open(ownKey);
    const value: Record<string, JsonValue> = {};
    const items: JsonValue[] = [];
    let isFirst = true;
    this.#at += 1;
    this.#skipSpaces();
    while (this.#text[this.#at] !== close) {
      if (!isFirst) {
        if (this.#text[this.#at] !== ",") return undefined;
        this.#at += 1;
        this.#skipSpaces();
      }
      isFirst = false;
      const keyStart = isMapping ? this.#at : noKey;
      const key = isMapping ? this.#match(keyPattern)?.[1] : undefined;
      if (isMapping && (key === undefined || Object.hasOwn(value, key))) return undefined;
      this.#skipSpaces();
      const child = this.#value(flowPattern, depth + 1, keyStart);
      if (child === undefined) return undefined;
      if (key === undefined) items.push(child);
      else value[key] = child;
      this.#skipSpaces();
    }
    this.#at += 1;
    this.#close(entry);
    return isMapping ? Object.freeze(value) : frozenList(items);
  }

  #quoted(keyStart: number): JsonValue | undefined {
    const start = this.#at;
    const found = this.#match(quotedPattern);
    if (found === undefined) return undefined;
    this.#noteScalar(keyStart, start, this.#at);
    return found[1] ?? found[2] ?? "";
  }

  #plain(pattern: RegExp, keyStart: number): JsonValue | undefined {
    const start = this.#at;
    const source = this.#match(pattern)?.[0].trimEnd();
    const value = source === undefined ? undefined : plainValue(source);
    if (source === undefined || value === undefined) return undefined;
    this.#noteScalar(keyStart, start, start + source.length);
    return value;
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
