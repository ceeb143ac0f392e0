// The flags that describe a proxy, shared by the commands that speak of one.

import { isIP } from "node:net";
import { type Command, InvalidArgumentError, Option } from "commander";
import { collectLabel, parseLocality } from "./pairs.ts";

/** As they were given; nothing is filled in. */
export interface ProxyFlags {
  readonly name?: string;
  readonly namespace?: string;
  readonly ip?: string;
  readonly serviceAccount?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly locality?: ReturnType<typeof parseLocality>;
  readonly interceptionMode?: "REDIRECT" | "TPROXY" | "NONE";
}

/** Adds them to a command; `required`: name, namespace and address must be given. */
export function addProxyOptions(command: Command, { required }: { readonly required: boolean }): Command {
  const identifying = [
    new Option("--name <name>", "the workload's name, such as its pod's"),
    new Option("--namespace <namespace>", "the workload's namespace"),
    new Option("--ip <address>", "the workload's address").argParser(parseAddress),
  ];
  for (const option of identifying) command.addOption(option.makeOptionMandatory(required));
  return command
    .option("--service-account <name>", "the workload's service account")
    .option("--label <key=value>", "a label of the workload (again for more)", collectLabel)
    .option("--locality <region/zone/subzone>", "where the workload runs", parseLocality)
    .addOption(
      new Option("--interception-mode <mode>", "how traffic reaches the proxy").choices([
        "REDIRECT",
        "TPROXY",
        "NONE",
      ]),
    );
}

function parseAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError("An IP address is needed, such as 10.0.0.7.");
  return text;
}
