import test from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseText } from "./index.ts";

function parse(text: string) {
  const { objects, diagnostics } = parseText("f.yaml", text);
  return {
    objects,
    codes: diagnostics.map(({ code, position: { line, column } }) => `${code} ${line}:${column}`),
  };
}

const service = (name: string) => `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n`;

test("documents are objects with positions counted in the whole file", (t) => {
  const { objects, codes } = parse(`# first\n${service("a")}---\n${service("b")}  namespace: shop\n`);
  t.deepEqual(codes, []);
  t.deepEqual(
    objects.map(({ group, version, kind, namespace, name }) => [group, version, kind, namespace, name]),
    [
      ["", "v1", "Service", "default", "a"],
      ["", "v1", "Service", "shop", "b"],
    ],
  );
  t.deepEqual(objects[1]?.locate(["metadata", "name"]), { file: "f.yaml", line: 10, column: 9, length: 1 });
  t.deepEqual(objects[1]?.locate(["metadata", "name"], { key: true }), {
    file: "f.yaml",
    line: 10,
    column: 3,
    length: 4,
  });
});

test("what is not there is located at its nearest ancestor", (t) => {
  const [object] = parse(`${service("a")}spec:\n  ports:\n  - port: 80\n`).objects;
  t.is(object?.locate(["spec", "ports", 0, "name"]).line, 7);
  t.is(object?.locate(["spec", "ports", 0, "name"]).column, 5);
  t.is(object?.locate(["spec", "selector", "app"], { key: true }).line, 5);
});

test("empty documents and documents of comments are nothing", (t) => {
  t.deepEqual(parse("").codes, []);
  t.deepEqual(parse("# only this\n---\n---\n\n# and this\n").codes, []);
  t.is(parse(`---\n# x\n---\n${service("a")}---\n`).objects.length, 1);
});

test("a quote left open in one document does not swallow the next", (t) => {
  const { objects, codes } = parse(`a: "open\n---\n${service("b")}`);
  t.deepEqual(codes, ["yaml-syntax 1:8"]);
  t.deepEqual(
    objects.map(({ name }) => name),
    ["b"],
  );
});

test("half of a character is a mistake; both halves are one", (t) => {
  const half = (text: string) => parse(`${service("a")}  labels: { ${text} }\n`).codes;
  t.deepEqual(half('a: "b\\ud800c"'), ["yaml-syntax 5:16"]);
  t.deepEqual(half('"\\uDC00": b'), ["yaml-syntax 5:13"]);
  t.deepEqual(half('a: "\\ud83d\\ude00"'), []);
  t.deepEqual(half('a: "\\ude00\\ud83d"'), ["yaml-syntax 5:16"]);
});

test("lists become their items, whose positions are those in the list", (t) => {
  const { objects, codes } = parse(
    `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- 3\n`,
  );
  t.deepEqual(codes, ["not-an-object 5:3"]);
  t.is(objects[0]?.kind, "Pod");
  t.is(objects[0]?.locate(["metadata", "name"]).line, 4);
});

test("items of a typed list need not repeat their type", (t) => {
  const { objects } = parse(`apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n`);
  t.deepEqual([objects[0]?.group, objects[0]?.kind, objects[0]?.name], ["apps", "Deployment", "a"]);
});

test("Windows newlines, tabs in JSON and a byte order mark are fine", (t) => {
  const windows = parse(`\uFEFF${service("a").replaceAll("\n", "\r\n")}---\r\n${service("b")}`);
  t.deepEqual(windows.codes, []);
  t.is(windows.objects.length, 2);
  t.is(windows.objects[1]?.locate(["kind"]).line, 7);
  const json = parse(`{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {"name": "a"}\n}\n`);
  t.is(json.objects[0]?.name, "a");
});

test("files of other tools are remarked on, and only that", (t) => {
  t.deepEqual(parse("swagger: '2.0'\ninfo: {}\n").codes, ["not-an-object 1:1"]);
  t.deepEqual(parse("- 1\n- 2\n").codes, ["not-an-object 1:1"]);
  t.deepEqual(parse("apiVersion: v2\nname: chart\n").codes, ["not-an-object 1:1"]);
  t.deepEqual(parse("kind: Pod\nmetadata: {name: a}\n").codes, ["missing-kind 1:1"]);
});

test("mesh settings among the files are told where they belong", (t) => {
  const [found] = parseText("mesh.yaml", "trustDomain: example.org\n").diagnostics;
  t.like(found, { code: "not-an-object", severity: "warning", help: "give the file with --mesh-config" });
  t.regex(found?.message ?? "", /looks like mesh settings/);
  // Whatever says what it is, is that.
  const object = parseText("mesh.yaml", `${service("a")}trustDomain: example.org\n`);
  t.deepEqual(object.diagnostics, []);
});

test("a template is one warning, however many documents it has", (t) => {
  const text = `{{- if .Values.on }}\n${service("a")}---\n${service("{{ .Values.name }}")}{{- end }}\n`;
  t.deepEqual(
    parse(text).codes.map((code) => code.split(" ")[0]),
    ["unrendered-template"],
  );
});

test("anchors, aliases and merge keys are resolved, and their parts located where they are written", (t) => {
  const { objects, codes } = parse(`${service("a")}x: &x\n  k: 1\n  l: 2\ny:\n  <<: *x\n  l: 3\nz: *x\n`);
  t.deepEqual(codes, []);
  t.deepEqual(objects[0]?.value.y, { k: 1, l: 3 });
  t.deepEqual(objects[0]?.value.z, { k: 1, l: 2 });
  t.is(objects[0]?.locate(["y", "k"]).line, 6);
  t.is(objects[0]?.locate(["z", "l"]).line, 7);
});

test("aliases that contain themselves, lead nowhere or explode are refused", (t) => {
  t.deepEqual(parse("a: &a [*a]\n").codes, ["yaml-syntax 1:8"]);
  t.deepEqual(parse("a: *b\n").codes, ["yaml-syntax 1:4"]);
  const rows = "bcdefgh".split("").map((name, index) => {
    const before = "abcdefg"[index];
    return `${name}: &${name} [${Array(10).fill(`*${before}`).join(",")}]`;
  });
  const bomb = `a: &a [${Array(10).fill("x").join(",")}]\n${rows.join("\n")}\n`;
  t.deepEqual(
    parse(bomb).codes.map((code) => code.split(" ")[0]),
    ["yaml-too-large"],
  );
});

test("nesting without end is refused, not a crash", (t) => {
  for (const text of ["[".repeat(100_000), `a: ${"{a: ".repeat(5000)}${"}".repeat(5000)}`]) {
    t.is(parse(text).objects.length, 0);
    t.is(parse(text).codes.length, 1);
  }
});

test("a key that occurs twice is an error that names both places", (t) => {
  const { diagnostics } = parseText("f.yaml", `${service("a")}kind: Pod\n`);
  t.deepEqual(
    diagnostics.map(({ message, position, notes }) => [message, position.line, notes[0]?.position.line]),
    [['the key "kind" occurs twice in one mapping', 5, 2]],
  );
});

test("words that Kubernetes takes for booleans are warned of where they stand", (t) => {
  const { objects, codes } = parse(`${service("a")}x: on\ny: "on"\nz: true\n`);
  t.deepEqual(codes, ["yaml-ambiguous 5:4"]);
  t.deepEqual([objects[0]?.value.x, objects[0]?.value.y, objects[0]?.value.z], ["on", "on", true]);
});

test("an IPv6 address that ends in a colon stays a text inside a list", (t) => {
  t.deepEqual(parse(`${service("a")}x: [2001:db8::, ::1, a: b]\n`).objects[0]?.value.x, [
    "2001:db8::",
    "::1",
    { a: "b" },
  ]);
});

test("whatever JSON holds is read back, frozen, from JSON and from YAML", (t) => {
  const key = fc.string({ minLength: 1 }).filter((one) => one !== "<<" && one !== "__proto__");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(value, (content) => {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, content };
      for (const text of [JSON.stringify(object), JSON.stringify(object, null, 2), stringify(object)]) {
        const { objects } = parseText("f", text);
        t.deepEqual(objects[0]?.value, JSON.parse(JSON.stringify(object)));
        t.true(Object.isFrozen(objects[0]?.value));
      }
    }),
  );
});

test("no text makes the parser throw", (t) => {
  const piece = fc.constantFrom(
    "---\n",
    "a: ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    '"',
    "'",
    "|\n",
    "<<: ",
    "\t",
    "\n",
    " ",
    "%",
    "!x ",
    "? ",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
      t.notThrows(() => parseText("f", pieces.join("")));
    }),
  );
});
