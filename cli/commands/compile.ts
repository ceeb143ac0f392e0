// `fairlead compile`: what Envoy would be told, without an Envoy or a server.

import { Option } from "commander";
import { type DeclareCommand, newCommand } from "../command.ts";
import { outputOption } from "../options/choices.ts";
import { addProxyOptions } from "../options/proxy.ts";

const examples = `
$ fairlead compile policies/                                     # for every proxy that the files imply
$ fairlead compile policies/ --name reviews-v1 --namespace default --type routes
$ fairlead compile policies/ --name probe --label app=reviews    # a workload that the files do not have
$ fairlead compile policies/ --all --out golden/                 # one file per proxy and type, for review
$ fairlead compile policies/ -o json | jq '."reviews-v1.default".clusters[].name'
$ fairlead compile policies/ --stop-after view --name reviews-v1

The output is a mapping from proxy (NAME.NAMESPACE) to type to a list of Envoy resources (protojson). YAML says above each
resource where it comes from; JSON has that under the key "origins". Private keys are never printed.

With --out, files that an earlier run wrote and this one would not are removed; only files that begin with Fairlead's own
first line are ever touched.

Exit codes: 0 no errors in the files, 1 errors (what is good is compiled all the same), 2 wrong usage.
`;

export const declareCompile: DeclareCommand = (program, { terminal, finish }) => {
  const command = newCommand(
    program,
    "compile",
    "Print the Envoy resources that proxies would get.",
    examples,
  )
    .argument("<dir...>", "folders or files; - is standard input")
    .option("--all", "every proxy that the files imply (the default when no proxy is named)", false);
  addProxyOptions(command, { required: false })
    .addOption(
      new Option(
        "--proxy-type <type>",
        "default: router if a Gateway selects the workload, else sidecar",
      ).choices(["sidecar", "router", "proxyless"]),
    )
    .addOption(
      new Option("--type <type>", "resources to print")
        .choices(["listeners", "routes", "clusters", "endpoints", "secrets", "all"])
        .default("all"),
    )
    .addOption(
      new Option("--stop-after <stage>", "print what an earlier stage of the compiler knows")
        .choices(["parse", "mesh", "view", "envoy"])
        .default("envoy"),
    )
    .addOption(outputOption(["yaml", "json"]))
    .option("--out <dir>", "write one file per proxy and type instead of printing")
    .option("--mesh-config <file>", "MeshConfig file")
    .action(async (paths: readonly string[], options) => {
      const { runCompile } = await import("../compile/index.ts");
      finish(await runCompile(paths, options, terminal));
    });
};
