// `fairlead serve`: the control plane itself.

import { Option } from "commander";
import { type DeclareCommand, newCommand } from "../command.ts";
import { parseDuration } from "../options/duration.ts";
import { type HostPort, parseHostPort } from "../options/host-port.ts";
import { parseLogLevels } from "../options/log-levels.ts";
import { defaultStateDir } from "../options/state.ts";

const examples = `
$ fairlead serve policies/
$ fairlead serve policies/ --mesh-config mesh.yaml --state /var/lib/fairlead
$ fairlead serve policies/ --xds-tls 0.0.0.0:15012 --serving-name fairlead.example   # for other machines
$ fairlead serve policies/ --ca-dir /etc/cacerts    # root-cert.pem, ca-cert.pem, ca-key.pem, cert-chain.pem
$ fairlead serve policies/ --log-level warn,ads:debug    # each push; of the rest only what is wrong

Log lines have the scopes ads (streams), model (files and what they mean), ca (certificates) and server; levels are
debug, info, warn, error and silent.

The HTTP port has /ready, /metrics, /debug/diagnostics, /debug/quarantine, and what \`fairlead status\` and
\`fairlead proxy-config\` read: /debug/syncz and /debug/config_dump?proxyID=NAME.NAMESPACE.

A change goes to one proxy first and to its equals on that one's ACK; what a proxy refuses is sent to no other.

Certificates come from --ca-dir, else from a Secret "cacerts" in the root namespace among the files, else from a root of
Fairlead's own in the state directory. The plaintext port binds to loopback only and never sends a secret.

Files may change at any time: a file that turns bad keeps its last good objects and is named in the log.
SIGTERM and SIGINT let proxies finish, then end the server; a second one ends it at once.
`;

export const declareServe: DeclareCommand = (program, { terminal, finish }) => {
  newCommand(program, "serve", "Watch policy files and serve any Envoy that is pointed here.", examples)
    .argument("<dir...>", "folders or files of policy")
    .addOption(new Option("--mesh-config <file>", "MeshConfig file").env("FAIRLEAD_MESH_CONFIG"))
    .addOption(
      new Option("--state <dir>", "where keys are kept").default(defaultStateDir).env("FAIRLEAD_STATE"),
    )
    .addOption(portOption("--xds <host:port>", "plaintext xDS", 15_010).env("FAIRLEAD_XDS"))
    .addOption(portOption("--xds-tls <host:port>", "xDS over TLS", 15_012).env("FAIRLEAD_XDS_TLS"))
    .addOption(portOption("--http <host:port>", "readiness, metrics, debugging", 15_014).env("FAIRLEAD_HTTP"))
    .addOption(new Option("--ca-dir <dir>", "an operator's CA, by Istio's file names").env("FAIRLEAD_CA_DIR"))
    .option(
      "--serving-name <name>",
      "a further host name or address in the TLS port's certificate",
      collect,
      [],
    )
    .addOption(
      new Option("--keepalive <duration>", "how often each connection is pinged; one that is dead is dropped")
        .argParser(parseDuration)
        .default(30_000, "30s"),
    )
    .option("--no-canary", "send a change to all proxies at once")
    .addOption(
      new Option("--log-format <format>", "log lines (default: text on a terminal, else json)")
        .choices(["text", "json"])
        .env("FAIRLEAD_LOG_FORMAT"),
    )
    .addOption(
      new Option("--log-level <levels>", "least important lines to log, of all scopes or by scope")
        .argParser(parseLogLevels)
        .default(parseLogLevels("info"), "info")
        .env("FAIRLEAD_LOG_LEVEL"),
    )
    .action(async (folders: readonly string[], options) => {
      // Another thread reads the files while this one loads the server, which takes longer.
      const { watchFolders } = await import("#sources");
      const source = watchFolders(folders);
      await source.begin();
      try {
        const { runServe } = await import("../serve/index.ts");
        finish(await runServe(folders, source, options, terminal));
      } finally {
        // What is watched would keep the process alive.
        await source.close();
      }
    });
};

/** `off` leaves a port out. */
function portOption(flags: string, description: string, port: number): Option {
  return new Option(flags, `${description}; "off" leaves it out`)
    .argParser((text) => (text === "off" ? "off" : parseHostPort(text)))
    .default({ host: "127.0.0.1", port } satisfies HostPort, `127.0.0.1:${port}`);
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
