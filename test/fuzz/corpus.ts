// The worlds that mutation begins with: golden cases and the example mesh, and Istio's own files where they are.

import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { listCases } from "../fixtures/cases.ts";
import { istioFiles } from "../upstream/istio-files.ts";
import { isObject, type Json } from "./json.ts";

export interface Seed {
  readonly name: string;
  readonly documents: readonly Json[];
}

const examples = path.join(import.meta.dirname, "../../examples");

export function readCorpus(): readonly Seed[] {
  const cases = listCases().map(({ name, folder }) => ({
    name,
    text: readFileSync(path.join(folder, "input.yaml"), "utf8"),
  }));
  const example = globSync("bookinfo/{mesh,policy}/*.yaml", { cwd: examples })
    .sort()
    .map((name) => readFileSync(path.join(examples, name), "utf8"))
    .join("\n---\n");
  const upstream = ["samples", "tests"].flatMap((tree) => istioFiles(tree));
  return [...cases, { name: "examples/bookinfo", text: example }, ...upstream]
    .map(({ name, text }) => ({ name, documents: documentsIn(text) }))
    .filter(({ documents }) => documents.length > 0);
}

function documentsIn(text: string): readonly Json[] {
  return [...parseAllDocuments(text)].map((document): Json => document.toJS()).filter(isObject);
}
