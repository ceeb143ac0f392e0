import test from "ava";
import fc from "fast-check";
import { type Diagnostic, diagnostic, renderDiagnostics, sortDiagnostics } from "./index.ts";

const at = (file: string, line: number, column: number, length = 1) => ({ file, line, column, length });

test("the line is shown with a caret under the part that is meant, and notes likewise", (t) => {
  const texts: Readonly<Record<string, string>> = {
    "a.yaml": "one\ntwo: three\r\n",
    "b.yaml": `${"\n".repeat(11)}\tx: y\n`,
  };
  const one = diagnostic("duplicate-object", at("a.yaml", 2, 6, 5), "Thing a/b is defined twice", {
    help: "rename it",
    notes: [{ message: "the other one is here", position: at("b.yaml", 12, 2) }],
  });
  t.is(
    renderDiagnostics([one], { source: (file) => texts[file] }),
    `error[duplicate-object]: Thing a/b is defined twice
  --> a.yaml:2:6
   |
 2 | two: three
   |      ^^^^^
   = help: rename it
note: the other one is here
  --> b.yaml:12:2
   |
12 | \tx: y
   | \t^
`,
  );
});

test("without the text only the place is given", (t) => {
  const one = diagnostic("missing-kind", at("gone.yaml", 7, 1), "the object has no kind");
  t.is(
    renderDiagnostics([one], { source: () => undefined }),
    "error[missing-kind]: the object has no kind\n --> gone.yaml:7:1\n",
  );
});

test("of a long line, only the part around the caret is shown", (t) => {
  const line = `${"a".repeat(1000)}HERE${"b".repeat(1000)}`;
  const one = diagnostic("missing-kind", at("f", 1, 1001, 4), "m");
  const [, , , shown = "", carets = ""] = renderDiagnostics([one], { source: () => line }).split("\n");
  t.true(shown.length < 200);
  t.is(shown.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1), "HERE");
});

test("nothing in a policy file can command the terminal that shows it", (t) => {
  const hostile = "\u001b[2J\u009b2J\r\n\u202e\u007f";
  const one = diagnostic("invalid-value", at("f", 1, 2, 3), `"${hostile}" is not a value`);
  const text = renderDiagnostics([one], { source: () => `a\tb${hostile.replace("\n", "")}c` });
  t.is(
    text,
    `error[invalid-value]: "␛[2J�2J␍␊�␡" is not a value
 --> f:1:2
  |
1 | a\tb␛[2J�2J␍�␡c
  |  ^^^
`.replace("|  ^^^", "|  ^^^"),
  );
});

test("paint colours without changing the text", (t) => {
  const options = { source: () => "kind: x" };
  const one = diagnostic("unsupported-kind", at("f", 1, 7), "m");
  const painted = renderDiagnostics([one], {
    ...options,
    paint: (role, text) => `<${role}>${text}</${role}>`,
  });
  t.is(painted.replaceAll(/<\/?[a-z]+>/g, ""), renderDiagnostics([one], options));
  t.true(painted.startsWith("<warning>warning[unsupported-kind]</warning>"));
});

test("the order does not depend on the order of arrival, and repetitions vanish", (t) => {
  const one = fc.record({
    file: fc.constantFrom("a", "b"),
    line: fc.integer({ min: 1, max: 3 }),
    message: fc.constantFrom("x", "y"),
  });
  const diagnostics = fc
    .array(one)
    .map((all) =>
      all.map(
        ({ file, line, message }): Diagnostic => diagnostic("missing-kind", at(file, line, 1), message),
      ),
    );
  fc.assert(
    fc.property(diagnostics, (all) => {
      const sorted = sortDiagnostics(all);
      t.deepEqual(sortDiagnostics(all.toReversed()), sorted);
      t.deepEqual(sortDiagnostics([...all, ...all]), sorted);
      t.is(new Set(all.map((each) => JSON.stringify(each))).size, sorted.length);
    }),
  );
});
