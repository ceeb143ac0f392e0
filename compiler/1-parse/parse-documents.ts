// The text of one file → the YAML documents in it, before anyone asks whether they are objects. One bad document leaves the
// others of its file alive.

import { type Diagnostic, diagnostic, type Note } from "../diagnostics/index.ts";
import type { DocumentSource } from "./raw-objects.ts";
import { splitDocuments } from "./split-documents.ts";
import { type Locator, locateIn } from "./text-lines.ts";
import { readYamlTree, type TreeProblem, type YamlTree } from "./yaml-tree.ts";

/** A document that could be read, with its tree for those who look inside its scalars. */
export interface ParsedDocument extends DocumentSource {
  readonly tree: YamlTree;
  readonly offset: number;
}

/** YAML or JSON, any number of documents; `file` is only a name, which positions repeat. */
export function parseDocuments(
  file: string,
  text: string,
): { readonly documents: readonly ParsedDocument[]; readonly diagnostics: readonly Diagnostic[] } {
  const locator = locateIn(file, text);
  const diagnostics: Diagnostic[] = [];
  const documents: ParsedDocument[] = [];
  for (const { text: part, offset } of splitDocuments(text)) {
    const tree = readYamlTree(part);
    if (tree.value === undefined && looksLikeTemplate(text)) {
      const [problem] = tree.problems;
      const position = locator(offset + (problem?.start ?? 0), offset + (problem?.end ?? 1));
      const message = "the file holds {{ }} template actions and is not YAML as it stands";
      return { documents: [], diagnostics: [diagnostic("unrendered-template", position, message)] };
    }
    diagnostics.push(...tree.problems.map((problem) => describe(problem, part, locator, offset)));
    if (tree.value === undefined) continue;
    documents.push({
      file,
      value: tree.value,
      tree,
      offset,
      locate: (path, options) => {
        const [start, end] = tree.range(path, options?.key ?? false);
        return locator(offset + start, offset + end);
      },
    });
  }
  return { documents, diagnostics };
}

function describe(problem: TreeProblem, text: string, locator: Locator, offset: number): Diagnostic {
  const { code, message, start, end, other } = problem;
  const notes: readonly Note[] =
    other === undefined
      ? []
      : [{ message: other.message, position: locator(offset + other.start, offset + other.end) }];
  return diagnostic(code, locator(offset + start, offset + end), message, { notes, object: secretIn(text) });
}

/** A document that cannot be read may still be a Secret, whose lines must not be shown. */
function secretIn(text: string): Diagnostic["object"] {
  return /["']?kind["']?\s*:\s*["']?Secret\b/.test(text)
    ? { kind: "Secret", namespace: "", name: "" }
    : undefined;
}

/** Go templates (Helm, sleuthed by their actions at the start of a line or of a value). */
function looksLikeTemplate(text: string): boolean {
  return /^\s*\{\{-?\s/m.test(text) || /:\s*\{\{-?\s*[.$(a-z]/.test(text);
}
