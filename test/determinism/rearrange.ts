// The same policy, written differently: documents in another order and other files, keys of mappings in another order.
// Lists keep their order, which means something.

import fc from "fast-check";
import { parseAllDocuments, stringify } from "yaml";
import type { PolicyFile } from "#compiler";

/** Other ways to write these files. */
export function rearranged(files: readonly PolicyFile[]): fc.Arbitrary<readonly PolicyFile[]> {
  const documents = files
    .flatMap(({ text }) => [...parseAllDocuments(text)])
    .map((document): unknown => document.toJS())
    .filter((value) => value !== null);
  const length = { minLength: documents.length, maxLength: documents.length };
  const shuffled = fc.shuffledSubarray([...documents.keys()], length);
  const places = fc.array(fc.constantFrom("a.yaml", "b.yaml", "c/d.yaml", "z.yaml"), length);
  return fc.tuple(shuffled, places, fc.infiniteStream(fc.nat())).map(([order, files, numbers]) => {
    const texts = new Map<string, string[]>();
    for (const index of order) {
      const name = files[index] ?? "";
      const text = stringify(withKeysShuffled(documents[index], numbers), { lineWidth: 0 });
      texts.set(name, [...(texts.get(name) ?? []), text]);
    }
    return [...texts].map(([name, parts]) => ({ name, text: parts.join("---\n") }));
  });
}

function withKeysShuffled(value: unknown, numbers: fc.Stream<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => withKeysShuffled(item, numbers));
  if (typeof value !== "object" || value === null) return value;
  const keyed = Object.entries(value).map(([key, member]) => ({
    key,
    member,
    at: numbers.next().value ?? 0,
  }));
  keyed.sort((a, b) => a.at - b.at);
  return Object.fromEntries(keyed.map(({ key, member }) => [key, withKeysShuffled(member, numbers)]));
}
