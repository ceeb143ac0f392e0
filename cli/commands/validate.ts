// `fairlead validate`: what is wrong with policy files, for a person, an editor or a pipeline.

import { type DeclareCommand, newCommand } from "../command.ts";
import { outputOption } from "../options/choices.ts";

const examples = `
$ fairlead validate policies/
$ fairlead validate policies/ --mesh-config mesh.yaml
$ kustomize build overlays/prod | fairlead validate -
$ fairlead validate policies/ --schema-only     # each object by itself
$ fairlead validate policies/ --envoy           # and ask a real Envoy about the result
$ fairlead validate policies/ -o github         # annotations in a GitHub workflow
$ fairlead validate policies/ -o sarif > fairlead.sarif

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 wrong usage, such as a path that does not exist.
`;

export const declareValidate: DeclareCommand = (program, { terminal, finish }) => {
  newCommand(program, "validate", "Check policy files and everything they refer to.", examples)
    .argument("<dir...>", "folders or files; - is standard input")
    .addOption(outputOption(["text", "json", "github", "sarif"]))
    .option("--schema-only", "judge each object by itself, as an admission webhook would", false)
    .option("--envoy", "also compile for every proxy and load the result into a real Envoy", false)
    .option("--mesh-config <file>", "MeshConfig file")
    .action(async (paths: readonly string[], options) => {
      const { runValidate } = await import("../validate/index.ts");
      finish(await runValidate(paths, options, terminal));
    });
};
