// The quick reading of YAML against the library's: equal in every value and every position, or no reading at all.

import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { readPlainYaml } from "./plain-yaml.ts";
import { isJsonObject, type JsonValue, type Path } from "./raw-object.ts";
import { splitDocuments } from "./split-documents.ts";
import { locateIn } from "./text-lines.ts";
import { readAnyYaml } from "./yaml-tree.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const corpus = globSync("{fixtures/**/input,examples/**/*}.yaml", { cwd: root })
  .sort()
  .map((file) => readFileSync(`${root}/${file}`, "utf8"))
  .flatMap((text) => splitDocuments(text))
  .map(({ text }) => text)
  .filter((text) => text.length < 1500);

/** Every path in a value, and beside each one two that are not there. */
function pathsOf(value: JsonValue, path: Path = []): readonly Path[] {
  const inner = isJsonObject(value)
    ? Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))
    : Array.isArray(value)
      ? value.flatMap((one: JsonValue, index) => pathsOf(one, [...path, index]))
      : [];
  return [path, [...path, "absent"], [...path, 99], ...inner];
}

/** Whether it was plain; if so, both readings must say the same. */
function agree(t: ExecutionContext, text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain === undefined) return false;
  const whole = readAnyYaml(text);
  const locate = locateIn("f.yaml", text);
  if (whole.problems.length > 0) t.fail(`${JSON.stringify(text)}: ${whole.problems[0]?.message}`);
  t.deepEqual(plain.value, whole.value as JsonValue, text);
  for (const path of pathsOf(plain.value)) {
    for (const key of [false, true]) {
      const expected = locate(...whole.range(path, key));
      t.deepEqual(locate(...plain.range(path, key)), expected, `${path.join(".")} ${key} of ${text}`);
    }
  }
  return true;
}

test("the files of fixtures and examples: the same, and nearly all of them plain", (t) => {
  const plain = corpus.filter((text) => agree(t, text));
  t.true(plain.length > 0.8 * corpus.length, `${plain.length} of ${corpus.length}`);
});

const pieces = [
  ..."  \n\n::--#'\"[]{},&*!|>%@`~.0159eEx_+-abyn",
  ..."- ,: ,\n  ,\n- ,--- ,\n---\n,...\n, #, # c\n,<<: ,null,true,yes,0x1f,0o7,1e3,1.5,10.0.0.1,.inf,1.,01,-1,9007199254740993".split(
    ",",
  ),
  ..."a: b|k:\n|k:\n- x|[a, b]|{a: b}|{ a: 1, b: [c] }|'it''s'|\"\\n\"|? |a:b|::|x y|__proto__: 1\n|\t|\u00e9|\u2028|\r\n".split(
    "|",
  ),
];

test("texts in which something was changed: the same, or not plain", (t) => {
  const place = fc.tuple(fc.nat(), fc.constantFrom(...pieces), fc.nat(3));
  let plain = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...corpus),
      fc.array(place, { minLength: 1, maxLength: 3 }),
      (text, edits) => {
        const edited = edits.reduce((now, [at, piece, cut]) => {
          const where = at % (now.length + 1);
          return now.slice(0, where) + piece + now.slice(where + cut);
        }, text);
        if (agree(t, edited)) plain += 1;
      },
    ),
    { numRuns: Number(process.env.FUZZ_CASES ?? 2000), ...seed() },
  );
  t.true(plain > 100, `${plain}`);
});

function oftenOf(usual: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ arbitrary: usual, weight: 4 }, { arbitrary: fc.constantFrom(...pieces), weight: 1 });
}

test("texts put together from the pieces of YAML: the same, or not plain", (t) => {
  const line = fc.tuple(
    fc.constantFrom("", "", " ", "  ", "  ", "    ", "- ", "  - ", "- - "),
    fc.constantFrom("", "", "a: ", "b: ", "a:", "b:", "a.b/c: ", "# c"),
    oftenOf(fc.constantFrom("x", "x y", "7", "[a]", '"s"')),
    oftenOf(fc.constantFrom("", " # c", " ", "")),
  );
  let plain = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, ended) => {
      const text = lines.map((parts) => parts.join("")).join("\n") + (ended ? "\n" : "");
      if (agree(t, text)) plain += 1;
    }),
    { numRuns: Number(process.env.FUZZ_CASES ?? 6000), ...seed() },
  );
  t.true(plain > 100, `${plain}`);
});

test("mistakes and fine points are left to the library", (t) => {
  for (const text of [
    "a: 1\na: 2\n",
    "a: &x 1\n",
    "a: *x\n",
    "a: !!str 1\n",
    "a: |\n  b\n",
    "a: b\n  c\n",
    "a:\n",
    "a: yes\n",
    "a: 1.5\n",
    "a: 0x1f\n",
    "<<: {a: 1}\n",
    "a: [2001:db8::]\n",
    "- a\nb: c\n",
    "a: b: c\n",
    "\ta: b\n",
    "a: 'it''s'\n",
    "---\na: b\n...\n",
    "a: b\n c: d\n",
    "a: [b,\n  c]\n",
  ]) {
    t.is(readPlainYaml(text), undefined, text);
  }
  t.deepEqual(readPlainYaml("--- # x\na: [b, {c: 1}]\n")?.value, { a: ["b", { c: 1 }] });
});

function seed(): { readonly seed?: number } {
  return process.env.FUZZ_SEED === undefined ? {} : { seed: Number(process.env.FUZZ_SEED) };
}
