// Histories of a policy repository: files that are saved, moved, reordered and deleted, one step after the other. What they
// hold comes from the golden cases, so that every feature takes part.

import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { defaultMeshConfig, type PolicyFile, readFile } from "#compiler";
import { listCases } from "../fixtures/cases.ts";

/** One change of files, as a source tells it. */
export interface Edit {
  readonly upserted: readonly PolicyFile[];
  readonly removed: readonly string[];
}

/** The files after an edit. */
export function applyEdit(files: ReadonlyMap<string, string>, edit: Edit): ReadonlyMap<string, string> {
  const after = new Map(files);
  for (const name of edit.removed) after.delete(name);
  for (const { name, text } of edit.upserted) after.set(name, text);
  return after;
}

const documents: readonly string[] = listCases().flatMap(({ folder }) =>
  readFileSync(path.join(folder, "input.yaml"), "utf8")
    .split(/^---$/m)
    .map((text) => `\n${text.trim()}\n`)
    .filter((text) => text.trim() !== "" && isGood(text)),
);

/** Bad objects keep their last good version, which a compile from scratch cannot know. */
function isGood(text: string): boolean {
  const { objects, unreadable } = readFile({ name: "any.yaml", text }, defaultMeshConfig);
  return !unreadable && objects.every(({ state }) => state === "good");
}

const fileName = fc.nat({ max: 11 }).map((index) => `policy/file-${String(index).padStart(2, "0")}.yaml`);
const someDocuments = fc.array(fc.constantFrom(...documents), { minLength: 1, maxLength: 6 });

type Step =
  | { readonly kind: "write"; readonly name: string; readonly texts: readonly string[] }
  | { readonly kind: "remove" | "comment" | "reverse"; readonly name: string }
  | { readonly kind: "move"; readonly name: string; readonly to: string }
  | { readonly kind: "number"; readonly name: string; readonly which: number; readonly value: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("write"), name: fileName, texts: someDocuments }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("number"),
      name: fileName,
      which: fc.nat({ max: 30 }),
      value: fc.integer({ min: 1, max: 99 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("move"), name: fileName, to: fileName }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("remove" as const, "comment" as const, "reverse" as const),
      name: fileName,
    }),
  },
) as fc.Arbitrary<Step>;

/** Changes in the order in which they happen; some of several files at once. */
export const history: fc.Arbitrary<readonly (readonly Step[])[]> = fc.array(
  fc.array(step, { minLength: 1, maxLength: 3 }),
  { minLength: 4, maxLength: 12 },
);

/** What the steps of one change come to, given the files before it. Steps that would make a file bad are left out. */
export function editOf(files: ReadonlyMap<string, string>, steps: readonly Step[]): Edit {
  const after = new Map(files);
  for (const each of steps) take(after, each);
  const upserted = [...after]
    .filter(([name, text]) => files.get(name) !== text)
    .map(([name, text]) => ({ name, text }));
  return { upserted, removed: [...files.keys()].filter((name) => !after.has(name)) };
}

function take(files: Map<string, string>, each: Step): void {
  const before = files.get(each.name);
  if (each.kind === "write") {
    save(files, each.name, each.texts.join("---"));
    return;
  }
  if (before === undefined) return;
  switch (each.kind) {
    case "remove":
      files.delete(each.name);
      return;
    case "comment":
      files.set(each.name, `# moved down by a line\n${before}`);
      return;
    case "reverse":
      save(files, each.name, before.split(/^---$/m).reverse().join("---"));
      return;
    case "move":
      files.delete(each.name);
      files.set(each.to, before);
      return;
    case "number":
      save(files, each.name, withNumber(before, each.which, each.value));
      return;
  }
}

function save(files: Map<string, string>, name: string, text: string): void {
  if (isGood(text)) files.set(name, text);
}

/** One of the weights, timeouts, ports and so on gets another value. */
function withNumber(text: string, which: number, value: number): string {
  const places = [...text.matchAll(/: \d+(?=s?\n)/g)];
  const place = places[which % Math.max(1, places.length)];
  if (!place) return text;
  return `${text.slice(0, place.index)}: ${value}${text.slice(place.index + place[0].length)}`;
}
