import test from "ava";
import { parseText } from "../1-parse/index.ts";
import type { Kind } from "../kinds/kind.ts";
import { defaultMeshConfig } from "../model/mesh-config.ts";
import { describeDuplicates, firstOf, objectKey, validateObject } from "./index.ts";

/** A kind that is nothing but what a case says of it. */
function kindOf(parts: Partial<Kind>): Kind {
  return {
    group: "example.org",
    versions: ["v1"],
    kind: "Thing",
    clusterScoped: false,
    fields: {},
    decode: () => [],
    ...parts,
  };
}

function validate(kind: Kind, spec: string) {
  const { objects } = parseText(
    "f",
    `apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: a}\nspec: ${spec}\n`,
  );
  const [object] = objects;
  if (object === undefined) throw new Error("no object");
  const { facts, diagnostics } = validateObject(object, { kinds: [kind], mesh: defaultMeshConfig });
  return { facts: facts.length, said: diagnostics.map(({ code, path }) => `${code} ${path ?? ""}`) };
}

const namespaceFact = (name: string) =>
  ({
    type: "namespace",
    value: {
      name,
      labels: {},
      origin: { kind: "", namespace: "", name: "", position: { file: "", line: 1, column: 1, length: 1 } },
    },
  }) as const;

test("a namespace is a DNS label, as Kubernetes has it, and shown where it is written", (t) => {
  const codes = (namespace: string) => {
    const text = `apiVersion: v1\nkind: Thing\nmetadata:\n  name: a\n  namespace: ${namespace}\n`;
    const [object] = parseText("f", text).objects;
    if (object === undefined) throw new Error("no object");
    const kinds = [kindOf({ group: "", decode: () => [namespaceFact("x")] })];
    const { facts, diagnostics } = validateObject(object, { kinds, mesh: defaultMeshConfig });
    return [
      facts.length,
      ...diagnostics.map(({ code, position: { line, column } }) => `${code} ${line}:${column}`),
    ];
  };
  t.deepEqual(codes("shop-2"), [1]);
  t.deepEqual(codes("a".repeat(63)), [1]);
  t.deepEqual(codes("a".repeat(64)), [0, "invalid-name 5:14"]);
  t.deepEqual(codes("shop.example"), [0, "invalid-name 5:14"]);
  t.deepEqual(codes("-shop"), [0, "invalid-name 5:14"]);
});

test("fields are looked up along lists and mappings", (t) => {
  const kind = kindOf({
    fields: {
      "spec.a[].b{}.c": "yes",
      "spec.n": "no",
      "spec.i": { ignored: "why" },
      "spec.quiet": { ignored: "" },
      "spec.any.*": "yes",
    },
  });
  t.deepEqual(
    validate(kind, "{a: [{b: {k: {c: 1, d: 1}}}, {B: 1}], any: {x: 1}, quiet: 1, n: {x: 1}, i: 1}").said,
    [
      "unknown-field spec.a[0].b.k.d",
      "unknown-field spec.a[1].B",
      "unsupported-field spec.n",
      "ineffective-field spec.i",
    ],
  );
});

test("what is null is not set", (t) => {
  t.deepEqual(validate(kindOf({ fields: { "spec.n": "no" } }), "{n: null}").said, []);
});

test("an error anywhere leaves no facts; a warning does", (t) => {
  const decode: Kind["decode"] = () => [namespaceFact("a")];
  t.is(validate(kindOf({ decode, fields: { "spec.a": "yes" } }), "{b: 1}").facts, 0);
  t.is(validate(kindOf({ decode, fields: { "spec.a": "no" } }), "{a: 1}").facts, 1);
});

test("what the schema said of a place is not said again by decoding", (t) => {
  const kind = kindOf({
    schema: () => [{ path: ["spec", "a"], code: "invalid-value", message: "wrong type" }],
    decode: (_, reader) => {
      reader.report("invalid-port", ["spec", "a", "b"], "no port");
      reader.report("invalid-port", ["spec", "c"], "no port");
      return [];
    },
  });
  t.deepEqual(validate(kind, "{}").said, ["invalid-value spec.a", "invalid-port spec.c"]);
});

test("a vague violation is for places that decoding said nothing of", (t) => {
  const kind = kindOf({
    schema: () => [
      { path: ["spec", "a"], code: "invalid-value", message: "not oneOf", vague: true },
      { path: ["spec", "b"], code: "invalid-value", message: "not oneOf", vague: true },
    ],
    decode: (_, reader) => {
      reader.report("conflicting-fields", ["spec", "a", "x"], "x and y exclude each other");
      return [];
    },
  });
  t.deepEqual(validate(kind, "{}").said, ["conflicting-fields spec.a.x", "invalid-value spec.b"]);
});

test("the first of several objects with one name counts, wherever they come in the list", (t) => {
  const { objects } = parseText(
    "f",
    [1, 2, 3].map((n) => `{apiVersion: v1, kind: Pod, metadata: {name: a}, n: ${n}}`).join("\n---\n"),
  );
  for (const order of [objects, objects.toReversed()]) {
    const claimants = order.map((raw) => ({ raw }));
    t.is(firstOf(claimants)?.raw.value.n, 1);
    t.deepEqual(
      describeDuplicates(claimants)
        .map(({ position, notes }) => [position.line, notes[0]?.position.line])
        .sort(),
      [
        [3, 1],
        [5, 1],
      ],
    );
  }
});

test("versions of a kind are one kind, namespaces keep names apart", (t) => {
  const { objects } = parseText(
    "f",
    ["v1", "v1beta1"]
      .flatMap((version) =>
        ["x", "y"].map(
          (ns) =>
            `{apiVersion: networking.istio.io/${version}, kind: Gateway, metadata: {name: a, namespace: ${ns}}}`,
        ),
      )
      .join("\n---\n"),
  );
  t.is(new Set(objects.map(objectKey)).size, 2);
});
