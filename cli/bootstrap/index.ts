// Bootstraps as a command: finds out how the proxy proves who it is, and prints the file on stdout.

import { stringify } from "yaml";
import {
  type BootstrapOptions,
  buildBootstrap,
  buildGrpcBootstrap,
  startArguments,
  startReasons,
} from "#agent";
import { defaultMeshConfig, hasErrors, type MeshConfig, readMeshConfig } from "#compiler";
import { type ExitCode, exitCodes, UsageError } from "../exit.ts";
import { formatHostPort, type HostPort } from "../options/host-port.ts";
import type { ProxyFlags } from "../options/proxy.ts";
import { readMeshConfigFile } from "../read-policy.ts";
import { showDiagnostics } from "../show-diagnostics.ts";
import type { Terminal } from "../terminal.ts";
import { type CredentialFlags, findCredentials } from "./credentials.ts";

export interface BootstrapFlags extends ProxyFlags, CredentialFlags {
  readonly type: "sidecar" | "router" | "proxyless";
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly xds?: HostPort;
  readonly admin?: HostPort;
  readonly trustDomain?: string;
  readonly meshConfig?: string;
  readonly output: "yaml" | "json";
}

export async function runBootstrap(flags: BootstrapFlags, terminal: Terminal): Promise<ExitCode> {
  const { type, name, namespace, ip, serviceAccount = "default", label = {}, locality, plaintext } = flags;
  const config = await settings(flags.meshConfig, terminal);
  if (type === "proxyless") {
    if (!plaintext) throw new UsageError("gRPC's xDS clients cannot send a token: give --plaintext as well");
    const node = { name, namespace, ip, serviceAccount, labels: label, ...(locality ? { locality } : {}) };
    const xds = flags.xds ?? { host: "127.0.0.1", port: 15_010 };
    const bootstrap = buildGrpcBootstrap({ ...node, domainSuffix: config.domainSuffix, xds });
    terminal.out(`${JSON.stringify(bootstrap, null, 2)}\n`);
    return exitCodes.ok;
  }
  const identity = { trustDomain: flags.trustDomain ?? config.trustDomain, namespace, serviceAccount };
  const credentials = await findCredentials(flags, identity, terminal);
  const xds = flags.xds ?? { host: "127.0.0.1", port: plaintext ? 15_010 : 15_012 };
  const options: BootstrapOptions = {
    type,
    name,
    namespace,
    ip,
    serviceAccount,
    labels: label,
    ...(locality ? { locality } : {}),
    ...(flags.interceptionMode ? { interceptionMode: flags.interceptionMode } : {}),
    domainSuffix: config.domainSuffix,
    xds,
    ...(credentials ? { security: credentials.security } : {}),
    admin: flags.admin ?? { host: ip.startsWith("127.") ? ip : "127.0.0.1", port: 15_000 },
  };
  const bootstrap = buildBootstrap(options);
  if (flags.output === "json") terminal.out(`${JSON.stringify(bootstrap, null, 2)}\n`);
  else {
    const who = `# Envoy bootstrap of ${type} ${name}.${namespace}, served by Fairlead at ${formatHostPort(xds)}.\n`;
    const proof = credentials
      ? `# ${credentials.description}\n`
      : "# Plain text: without identity, and so without mutual TLS.\n";
    terminal.out(`${who}${proof}${howToStart(config)}${stringify(bootstrap, { lineWidth: 0 })}`);
  }
  return exitCodes.ok;
}

function howToStart({ proxy: { drainDurationMs, concurrency } }: MeshConfig): string {
  const args = startArguments({
    ...(drainDurationMs === undefined ? {} : { drainMs: drainDurationMs }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
  const lines = [`Start it with: envoy -c FILE ${args.join(" ")}`, ...startReasons];
  return lines.map((line) => `# ${line}\n`).join("");
}

async function settings(file: string | undefined, terminal: Terminal): Promise<MeshConfig> {
  if (file === undefined) return defaultMeshConfig;
  const read = await readMeshConfigFile(file);
  const { config, diagnostics } = readMeshConfig(read);
  terminal.err(showDiagnostics(diagnostics, () => read.text, terminal.errColors));
  if (!config || hasErrors(diagnostics)) throw new UsageError(`--mesh-config: ${file} has errors`);
  return config;
}
