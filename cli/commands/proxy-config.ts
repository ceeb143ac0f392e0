// `fairlead proxy-config`: what one connected proxy is served.

import { Argument } from "commander";
import { type DeclareCommand, newCommand } from "../command.ts";
import { outputOption } from "../options/choices.ts";
import { type ConfigType, parseConfigType } from "../options/config-type.ts";
import { serverOption } from "../options/server.ts";

const examples = `
$ fairlead proxy-config routes reviews-v1.default
$ fairlead pc clusters reviews-v1.default -o yaml
$ fairlead pc all ingressgateway.istio-system -o json

Each line ends with the policy that it comes from, as file:line. Secrets are shown by name, kind and validity, never with
their content. What the proxy has refused is shown as it is served, with a warning: \`fairlead status\` says more.
`;

export const declareProxyConfig: DeclareCommand = (program, { terminal, finish }) => {
  newCommand(
    program,
    "proxy-config",
    "Show what one connected proxy is served, and from which lines.",
    examples,
  )
    .alias("pc")
    .addArgument(
      new Argument("<type>", "all, cluster, listener, route, endpoint or secret").argParser(parseConfigType),
    )
    .argument("<proxy>", "NAME.NAMESPACE, or NAME where it is the only one")
    .addOption(serverOption())
    .addOption(outputOption(["text", "json", "yaml"]))
    .action(async (type: ConfigType | "all", proxy: string, options) => {
      const { runProxyConfig } = await import("../proxy-config/index.ts");
      finish(await runProxyConfig(type, proxy, options, terminal));
    });
};
