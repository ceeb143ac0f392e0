// One policy file → its objects, each with the facts it states. What a file said before it turned bad goes on counting.

import { parseText, type RawObject } from "./1-parse/index.ts";
import { objectKey, validateObject } from "./2-validate/index.ts";
import { type Diagnostic, hasErrors } from "./diagnostics/index.ts";
import { kinds } from "./kinds/registry.ts";
import type { Fact } from "./model/fact.ts";
import { sameTree } from "./model/memo.ts";
import type { MeshConfig } from "./model/mesh-config.ts";

export interface PolicyFile {
  /** As diagnostics should name it. */
  readonly name: string;
  readonly text: string;
}

export interface ReadObject {
  readonly raw: RawObject;
  readonly facts: readonly Fact[];
  readonly state: "good" | "refused" | "last-good";
}

export interface ReadFile {
  readonly name: string;
  readonly objects: readonly ReadObject[];
  /** Of this text alone: syntax, schema, and what validation could say of each object by itself. */
  readonly diagnostics: readonly Diagnostic[];
  /** A document could not be read, so that objects may be missing. */
  readonly unreadable: boolean;
}

export function readFile(file: PolicyFile, config: MeshConfig): ReadFile {
  const parsed = parseText(file.name, file.text);
  const validated = parsed.objects.map((raw) => ({ raw, ...validateObject(raw, { kinds, mesh: config }) }));
  return {
    name: file.name,
    objects: validated.map(({ raw, facts, diagnostics }) => ({
      raw,
      facts,
      state: hasErrors(diagnostics) ? "refused" : "good",
    })),
    diagnostics: [...parsed.diagnostics, ...validated.flatMap(({ diagnostics }) => diagnostics)],
    unreadable: hasErrors(parsed.diagnostics),
  };
}

/**
 * The new reading, with the last good version in place of each object that is refused now, and of those that went
 * missing in a document that cannot be read. Diagnostics stay those of the new text. What an object still says is the same
 * fact as before, to whoever remembers by identity.
 */
export function keepLastGood(before: ReadFile | undefined, now: ReadFile): ReadFile {
  if (!before) return now;
  const earlier = new Map(
    before.objects
      .filter(({ state }) => state !== "refused")
      .map((object) => [objectKey(object.raw), object]),
  );
  const objects = now.objects.map((object): ReadObject => {
    const good = earlier.get(objectKey(object.raw));
    if (!good) return object;
    if (object.state === "refused") return { ...good, state: "last-good" };
    return { ...object, facts: keepFacts(good.facts, object.facts) };
  });
  if (!now.unreadable) return { ...now, objects };
  const present = new Set(now.objects.map(({ raw }) => objectKey(raw)));
  const missing = [...earlier.values()].filter(({ raw }) => !present.has(objectKey(raw)));
  return {
    ...now,
    objects: [...objects, ...missing.map((each) => ({ ...each, state: "last-good" as const }))],
  };
}

/** What is said as it was, at the same place, is the same object; all of it the same list. */
function keepFacts(before: readonly Fact[], now: readonly Fact[]): readonly Fact[] {
  const kept = now.map((fact, index) => {
    const known = before[index];
    return known && sameTree(known, fact) ? known : fact;
  });
  return before.length === kept.length && kept.every((fact, index) => fact === before[index]) ? before : kept;
}
