// Documents of Istio's own validation tests: those with an `_err` key must be refused, the others accepted.

import test from "ava";
import { parseText, type RawObject } from "../../compiler/1-parse/index.ts";
import { validateObject } from "../../compiler/2-validate/index.ts";
import { hasErrors } from "../../compiler/diagnostics/index.ts";
import { kinds } from "../../compiler/kinds/registry.ts";
import { defaultMeshConfig } from "../../compiler/model/mesh-config.ts";
import { absent, istioFiles } from "./istio-files.ts";

const folder = "pkg/config/validation/testdata/crds";

/** Documents that we judge otherwise, with the reason. */
const differences: Readonly<Record<string, string>> = {};

if (absent !== undefined) test(absent, (t) => t.pass());
else {
  for (const { name, text } of istioFiles(folder)) {
    const { objects, diagnostics } = parseText(name, text);
    const judged = objects.filter(({ group, kind }) =>
      kinds.some((one) => one.group === group && one.kind === kind),
    );
    if (judged.length === 0) continue;
    test(`${name.slice(folder.length + 1)}: each document is accepted or refused as upstream does`, (t) => {
      t.deepEqual(diagnostics, []);
      const verdicts = judged.map((object) => {
        const errors = validateObject(withoutExpectation(object), { kinds, mesh: defaultMeshConfig });
        return { name: object.name, refused: hasErrors(errors.diagnostics) };
      });
      const expected = judged.map((object) => ({
        name: object.name,
        refused: (object.value._err !== undefined) !== object.name in differences,
      }));
      t.deepEqual(verdicts, expected);
    });
  }
}

/** The key is the test's, not the object's. */
function withoutExpectation(object: RawObject): RawObject {
  const { _err, ...value } = object.value;
  return { ...object, value };
}
