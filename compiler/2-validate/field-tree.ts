// A kind's flat table of field paths as a tree, which an object can be walked along.

import type { FieldState, Kind } from "../kinds/kind.ts";

/** What may stand at one place. Without children, anything may (the schema has judged its type). */
export interface FieldNode {
  readonly fields: ReadonlyMap<string, FieldNode>;
  /** What the items of a list (`[]`) or the values of a map (`{}`) may be. */
  readonly items?: FieldNode;
  readonly values?: FieldNode;
  readonly state: FieldState;
}

interface Growing {
  readonly fields: Map<string, Growing>;
  items?: Growing;
  values?: Growing;
  state: FieldState;
}

const trees = new WeakMap<Kind["fields"], FieldNode>();

/** Made once per table. Steps above the leaves are supported if anything below them is. */
export function fieldTree(table: Kind["fields"]): FieldNode {
  const known = trees.get(table);
  if (known !== undefined) return known;
  const root = grow();
  for (const [path, state] of Object.entries(table)) {
    if (path.endsWith(".*")) place(root, path.slice(0, -2)).state = state;
    else place(root, path).state = state;
  }
  trees.set(table, root);
  return root;
}

function grow(): Growing {
  return { fields: new Map(), state: "yes" };
}

function place(root: Growing, path: string): Growing {
  let node = root;
  for (const step of path.split(".")) {
    const [, name = "", suffixes = ""] = /^([^[{]*)((?:\[\]|\{\})*)$/.exec(step) ?? [];
    const next: Growing = node.fields.get(name) ?? grow();
    node.fields.set(name, next);
    node = next;
    for (const suffix of suffixes.match(/\[\]|\{\}/g) ?? []) {
      if (suffix === "[]") {
        node.items ??= grow();
        node = node.items;
      } else {
        node.values ??= grow();
        node = node.values;
      }
    }
  }
  return node;
}
