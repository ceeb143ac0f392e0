// `fairlead diff`: what a change of policy files means for each proxy.

import { type DeclareCommand, newCommand } from "../command.ts";
import { outputOption } from "../options/choices.ts";

const examples = `
$ fairlead diff old/ new/
$ fairlead diff --git origin/main                  # the working folder against a commit
$ fairlead diff --git HEAD~1 policies/             # one folder of it
$ fairlead diff old/ new/ -o json | jq '.proxies | keys'

Compares what each proxy would be told, not the text of the files: the order of objects, of virtual hosts and of
endpoints, comments and formatting make no difference.

Exit codes: 0 same, 1 different, 2 wrong usage, or the files cannot be compared. Errors in the files are shown on stderr;
what is good on both sides is compared all the same.
`;

export const declareDiff: DeclareCommand = (program, { terminal, finish }) => {
  newCommand(program, "diff", "Compare what two states of the policy files mean for each proxy.", examples)
    .usage("[options] <old> <new> | --git <ref> [dir...]")
    .argument("[paths...]", "the old and the new folder or file; with --git, folders to look at (default: .)")
    .option("--git <ref>", "compare the working folder with this commit, branch or tag")
    .option("--mesh-config <file>", "MeshConfig file, for both sides; with --git as of either side")
    .addOption(outputOption(["text", "json"]))
    .action(async (paths: readonly string[], options) => {
      const { runDiff } = await import("../diff/index.ts");
      finish(await runDiff(paths, options, terminal));
    });
};
