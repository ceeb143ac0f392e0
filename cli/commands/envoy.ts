// `fairlead envoy`: the Envoy that Fairlead uses, to look at or to run.

import { type DeclareCommand, newCommand } from "../command.ts";

const examples = `
$ fairlead envoy --path                     # which one, and (on stderr) why
$ fairlead envoy -- --version
$ fairlead envoy -- -c reviews-v1.yaml -l warning
$ ENVOY_BIN=/opt/envoy fairlead envoy -- --mode validate -c reviews-v1.yaml

The exit code is Envoy's own; signals are passed on to it.
`;

export const declareEnvoy: DeclareCommand = (program, { terminal, finish }) => {
  newCommand(program, "envoy", "Run the Envoy that Fairlead uses, or say which one it is.", examples)
    .usage("--path | -- <args...>")
    .argument("[args...]", "arguments for Envoy, after --")
    .option("--path", "print the path of the binary", false)
    .action(async (args: readonly string[], { path }: { readonly path: boolean }) => {
      const { runEnvoy } = await import("../envoy/index.ts");
      finish(await runEnvoy(args, path, terminal));
    });
};
