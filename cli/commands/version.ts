// `fairlead version`: Fairlead's own version, and those of the Node and Envoy it would use.

import type { DeclareCommand } from "../command.ts";
import { exitCodes } from "../exit.ts";
import { outputOption } from "../options/choices.ts";
import { productVersion } from "../product-version.ts";

const examples = `
$ fairlead version
$ fairlead version -o json
`;

export const declareVersion: DeclareCommand = (program, { terminal, finish }) => {
  const command = program
    .command("version")
    .description("Print the versions of Fairlead, of Envoy and of Node.")
    .addHelpText("after", `\nExamples:${examples.replaceAll("\n", "\n  ").trimEnd()}`)
    .addOption(outputOption(["text", "json"]));
  command.action(async ({ output }: { readonly output: "text" | "json" }) => {
    const { envoyVersion } = await import("../envoy/version.ts");
    const versions = {
      fairlead: productVersion(),
      envoy: envoyVersion(terminal.env) ?? null,
      node: process.versions.node,
    };
    terminal.out(
      output === "json"
        ? `${JSON.stringify(versions, null, 2)}\n`
        : `fairlead ${versions.fairlead}\nenvoy    ${versions.envoy ?? "not set up (npm run setup, or ENVOY_BIN)"}\nnode     ${versions.node}\n`,
    );
    finish(exitCodes.ok);
  });
};
