// Every YAML file of Istio's samples and test data through the first two stages: nothing crashes, and nothing that
// upstream accepts is refused.

import test from "ava";
import { parseText } from "../../compiler/1-parse/index.ts";
import { validateObject } from "../../compiler/2-validate/index.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/index.ts";
import { kinds } from "../../compiler/kinds/registry.ts";
import { defaultMeshConfig } from "../../compiler/model/mesh-config.ts";
import { absent, istioFiles } from "./istio-files.ts";

if (absent !== undefined) test(absent, (t) => t.pass());
else {
  for (const folder of ["samples", "tests"]) {
    test(`${folder}: parsed and validated without an error`, (t) => {
      const files = istioFiles(folder);
      let facts = 0;
      for (const { name, text } of files) {
        const { objects, diagnostics } = parseText(name, text);
        const validated = objects.map((object) => validateObject(object, { kinds, mesh: defaultMeshConfig }));
        facts += validated.flatMap((one) => one.facts).length;
        const errors = [...diagnostics, ...validated.flatMap((one) => one.diagnostics)].filter(
          ({ severity }) => severity === "error",
        );
        t.is(renderDiagnostics(errors, { source: () => text }), "");
      }
      t.true(files.length > 30 && facts > 30, `${files.length} files, ${facts} facts`);
    });
  }
}
