// `fairlead status`: where each connected proxy stands.

import { Option } from "commander";
import { type DeclareCommand, newCommand } from "../command.ts";
import { outputOption } from "../options/choices.ts";
import { parseDuration } from "../options/duration.ts";
import { serverOption } from "../options/server.ts";

const examples = `
$ fairlead status
$ fairlead status reviews-v1.default
$ fairlead status --wait --timeout 10s && ./smoke-test     # after a change
$ fairlead status -o json | jq -r '.proxies[].name'

States: SYNCED, it has accepted all there is; STALE, something is on its way; NACKED, it refused something and keeps the last
good version of that; QUARANTINED, it has all but what another proxy refused, or what would use a cluster that was refused; NOT
SENT, there is nothing of that type for it. In brackets: since when. What was refused is listed below, with the lines of
policy that it comes from.

Exit codes: 0; with --wait, 1 when something is refused or time is up. It waits for the server and for proxies to come, and
returns once every connected proxy, or the one that is named, has acknowledged all that the server has read.
`;

export const declareStatus: DeclareCommand = (program, { terminal, finish }) => {
  newCommand(program, "status", "Show what each connected proxy has, acknowledged and refused.", examples)
    .aliases(["ps", "proxy-status"])
    .argument("[proxy]", "NAME.NAMESPACE, or NAME where it is the only one")
    .addOption(serverOption())
    .option("--wait", "wait until the newest configuration is acknowledged", false)
    .addOption(
      new Option("--timeout <duration>", "how long to wait at most")
        .argParser(parseDuration)
        .default(30_000, "30s"),
    )
    .addOption(outputOption(["text", "json"]))
    .action(async (proxy: string | undefined, options) => {
      const { runStatus } = await import("../status/index.ts");
      finish(await runStatus(proxy, options, terminal));
    });
};
