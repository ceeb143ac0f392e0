// One YAML document as plain JSON data, and the way from a path in that data back to the characters it was read from.
// Knows nothing of Kubernetes. The reading of scalars is YAML 1.2's core schema, plus merge keys (`<<`).

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
} from "yaml";
import { readPlainYaml } from "./plain-yaml.ts";
import { isJsonObject, type JsonObject, type JsonValue, type Path } from "./raw-object.ts";

/** A remark about characters `start`..`end` of the document's text. */
export interface TreeProblem {
  readonly code: "yaml-syntax" | "yaml-ambiguous" | "yaml-too-large";
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** Another place in the same text. */
  readonly other?: { readonly message: string; readonly start: number; readonly end: number };
}

export interface YamlTree {
  /** Frozen all the way down. Undefined when a problem of severity error makes it unusable. */
  readonly value: JsonValue | undefined;
  readonly problems: readonly TreeProblem[];
  /** The characters of the value at the path, or of the nearest ancestor that exists; with `key`, of its key. */
  range(path: Path, key: boolean): readonly [start: number, end: number];
  /** The scalar at the path as it was written, for documents inside a document. */
  scalarAt(path: Path): Scalar | undefined;
}

/** Aliases may make a document this much larger than its own nodes before it is refused. */
const mostAliasedNodes = 100_000;

/** Deeper nesting than any policy has; keeps recursion off the end of the stack. */
const deepest = 200;

/** Parses one document (`text` may begin with `---`). Never throws for what is in the text. */
export function readYamlTree(text: string): YamlTree {
  const plain = readPlainYaml(text);
  if (plain === undefined) return readAnyYaml(text);
  return {
    value: plain.value,
    problems: [],
    range: plain.range,
    scalarAt: (path) => readAnyYaml(text).scalarAt(path),
  };
}

/** The same by way of the library, whatever the text: ten times slower, and what `plain-yaml.ts` is held to. */
export function readAnyYaml(text: string): YamlTree {
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  } catch (error) {
    // The parser recurses; the text decides how deep.
    if (error instanceof RangeError) return unusable("yaml-too-large", "nested too deeply", 0, 1);
    throw error;
  }
  const broken = document.errors[0];
  if (broken !== undefined) {
    // Later errors of the same document mostly follow from the first.
    const [start, end] = broken.pos;
    // What is missing at the end of a document is shown under its last character, not under the next document.
    const last = Math.max(0, text.trimEnd().length - 1);
    return unusable("yaml-syntax", plainMessage(broken.message), Math.min(start, last), Math.max(end, 1));
  }
  const conversion = new Conversion(document, text);
  const value = conversion.convert(document.contents, 0);
  const unusableProblem = conversion.problems.some(({ code }) => code !== "yaml-ambiguous");
  return {
    value: unusableProblem ? undefined : value,
    problems: conversion.problems,
    range: (path, key) => rangeOf(document, path, key),
    scalarAt: (path) => {
      const node = nodeAt(document, path);
      return isScalar(node) ? node : undefined;
    },
  };
}

function unusable(code: TreeProblem["code"], message: string, start: number, end: number): YamlTree {
  return {
    value: undefined,
    problems: [{ code, message, start, end }],
    range: () => [0, 1],
    scalarAt: () => undefined,
  };
}

function plainMessage(message: string): string {
  return message.replace(/ at line \d+, column \d+:[\s\S]*$/, "").replace(/\.$/, "");
}

/** Words that YAML 1.1, and so kubectl, takes for booleans. */
const oldBoolean = /^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/;

/** Turns nodes into frozen data, once per document; collects what is wrong on the way. */
class Conversion {
  readonly problems: TreeProblem[] = [];
  readonly #document: Document.Parsed;
  readonly #text: string;
  readonly #anchored = new Map<Node, { readonly value: JsonValue; readonly size: number }>();
  readonly #open = new Set<Node>();
  #nodes = 0;
  #aliased = 0;

  constructor(document: Document.Parsed, text: string) {
    this.#document = document;
    this.#text = text;
  }

  convert(node: unknown, depth: number): JsonValue {
    if (isAlias(node)) return this.#alias(node, depth);
    if (isScalar(node)) return this.#scalar(node);
    if (!isMap(node) && !isSeq(node)) return null;
    if (depth > deepest) {
      this.#report("yaml-too-large", "nested too deeply", node);
      return null;
    }
    const before = this.#nodes;
    this.#nodes += 1;
    this.#open.add(node);
    const value = isMap(node)
      ? this.#map(node, depth)
      : Object.freeze(node.items.map((item) => this.#trailingColon(item) ?? this.convert(item, depth + 1)));
    this.#open.delete(node);
    if (node.anchor !== undefined) this.#anchored.set(node, { value, size: this.#nodes - before });
    return value;
  }

  /**
   * `[2001:db8::]` is a mapping in a list to YAML 1.2, because a colon before `]` ends a key. Kubernetes' parser reads
   * the text that was meant, and so do we.
   */
  #trailingColon(item: unknown): string | undefined {
    if (!isMap(item) || item.flow !== true || item.items.length !== 1) return undefined;
    const { key, value } = item.items[0] ?? {};
    if (
      !isScalar(key) ||
      key.type !== Scalar.PLAIN ||
      (isNode(value) && nodeRange(value)[1] > nodeRange(value)[0])
    ) {
      return undefined;
    }
    const [start, end] = nodeRange(key);
    const written = this.#text.slice(start, end + 2);
    return nodeRange(item)[0] === start && /:[\],]$/.test(written) ? written.slice(0, -1) : undefined;
  }

  #scalar(node: Scalar): JsonValue {
    this.#nodes += 1;
    const { value } = node;
    if (typeof value === "string") {
      if (node.type === Scalar.PLAIN && oldBoolean.test(value)) {
        this.#report(
          "yaml-ambiguous",
          `${value} is a boolean to Kubernetes, and the string "${value}" here`,
          node,
        );
      }
      this.#checkText(value, node);
      return value;
    }
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number") {
      if (Number.isFinite(value)) return value;
      this.#report("yaml-syntax", `${node.source ?? value} is not a number that JSON has`, node);
      return null;
    }
    return node.source ?? String(value);
  }

  #alias(node: Alias, depth: number): JsonValue {
    const target = node.resolve(this.#document);
    if (target === undefined) {
      this.#report("yaml-syntax", `no anchor &${node.source} stands before this alias`, node);
      return null;
    }
    if (this.#open.has(target)) {
      this.#report("yaml-syntax", `the alias *${node.source} contains itself`, node);
      return null;
    }
    const known = this.#anchored.get(target);
    this.#aliased += known?.size ?? 1;
    if (this.#aliased > mostAliasedNodes) {
      if (!this.problems.some(({ code }) => code === "yaml-too-large")) {
        this.#report("yaml-too-large", `aliases repeat more than ${mostAliasedNodes} values`, node);
      }
      return null;
    }
    if (known === undefined) return this.convert(target, depth + 1);
    this.#nodes += known.size;
    return known.value;
  }

  #map(map: YAMLMap, depth: number): JsonObject {
    const entries = new Map<string, JsonValue>();
    const written = new Map<string, Node>();
    const merges: JsonObject[] = [];
    for (const pair of map.items) {
      const { key, value } = pair;
      if (isMergeKey(key)) {
        const merged = this.convert(value, depth + 1);
        for (const one of Array.isArray(merged) ? merged : [merged]) {
          if (isJsonObject(one)) merges.push(one);
          else this.#report("yaml-syntax", "a merge key (<<) takes a mapping or a list of mappings", key);
        }
        continue;
      }
      const name = keyText(key);
      if (name === undefined || !isNode(key)) {
        this.#report("yaml-syntax", "a mapping key must be a plain value", isNode(key) ? key : map);
        continue;
      }
      this.#checkText(name, key);
      const first = written.get(name);
      if (first === undefined) {
        written.set(name, key);
        entries.set(name, this.convert(value, depth + 1));
      } else {
        const [start, end] = nodeRange(first);
        this.#report("yaml-syntax", `the key ${JSON.stringify(name)} occurs twice in one mapping`, key, {
          message: "first here",
          start,
          end,
        });
      }
    }
    for (const merge of merges) {
      for (const [name, value] of Object.entries(merge)) {
        if (!entries.has(name)) entries.set(name, value);
      }
    }
    return Object.freeze(Object.fromEntries(entries));
  }

  /** JSON's escapes can write half of a character, which no protobuf can carry and kubectl refuses. */
  #checkText(text: string, node: Node): void {
    if (text.isWellFormed()) return;
    const [half = ""] = /\p{Surrogate}/u.exec(text) ?? [];
    const code = half.charCodeAt(0).toString(16);
    this.#report("yaml-syntax", `\\u${code} is half of a character, and stands alone`, node);
  }

  #report(code: TreeProblem["code"], message: string, node: Node, other?: TreeProblem["other"]): void {
    const [start, end] = nodeRange(node);
    this.problems.push({ code, message, start, end, ...(other === undefined ? {} : { other }) });
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function isMergeKey(key: unknown): key is Scalar {
  return isScalar(key) && key.type === Scalar.PLAIN && key.value === "<<";
}

/** As Kubernetes' YAML-to-JSON conversion has it: whatever the scalar, its text. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function nodeRange(node: Node): readonly [number, number] {
  const range = node.range;
  return range ? [range[0], range[1]] : [0, 1];
}

function rangeOf(document: Document.Parsed, path: Path, key: boolean): readonly [number, number] {
  let node: Node | null = document.contents;
  let keyNode: Node | undefined;
  for (const step of path) {
    const found = childOf(document, node, step);
    if (found === undefined) return node === null ? [0, 1] : nodeRange(keyNode ?? node);
    keyNode = found.key;
    if (found.value === null) return keyNode === undefined ? [0, 1] : nodeRange(keyNode);
    node = found.value;
  }
  if (node === null) return [0, 1];
  return nodeRange(key && keyNode !== undefined ? keyNode : node);
}

function nodeAt(document: Document.Parsed, path: Path): Node | null {
  let node: Node | null = document.contents;
  for (const step of path) node = childOf(document, node, step)?.value ?? null;
  return node;
}

interface Child {
  readonly key: Node | undefined;
  readonly value: Node | null;
}

function childOf(document: Document.Parsed, parent: Node | null, step: string | number): Child | undefined {
  const node = isAlias(parent) ? (parent.resolve(document) ?? null) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { key: undefined, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((one) => keyText(one.key) === String(step) && !isMergeKey(one.key));
  if (pair !== undefined) return childOfPair(pair);
  for (const merge of node.items.filter((one) => isMergeKey(one.key))) {
    const sources = isSeq(merge.value) ? merge.value.items : [merge.value];
    for (const source of sources) {
      const found = isNode(source) ? childOf(document, source, step) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function childOfPair(pair: Pair): Child {
  return {
    key: isNode(pair.key) ? pair.key : undefined,
    value: isPair(pair) && isNode(pair.value) ? pair.value : null,
  };
}
