// The server as a command: opens everything, runs until it is told to stop, and explains what stands in its way.

import type { PluggedIn } from "#ca";
import type { MeshConfig } from "#compiler";
import {
  AuthorityUnavailable,
  type ControlPlane,
  createLogger,
  type LogLevels,
  openCertificates,
  PortUnavailable,
  SettingsRefused,
  startControlPlane,
  type World,
} from "#runtime";
import type { Source } from "#sources";
import { CommandFailed, type ExitCode, exitCodes } from "../exit.ts";
import { formatHostPort, type HostPort } from "../options/host-port.ts";
import { productVersion } from "../product-version.ts";
import { mustExist, readMeshConfigFile } from "../read-policy.ts";
import type { Terminal } from "../terminal.ts";
import { findPluggedSecret } from "./cacerts-secret.ts";
import { untilStopped } from "./stop-signals.ts";

export interface ServeOptions {
  readonly meshConfig?: string;
  readonly state: string;
  readonly xds: HostPort | "off";
  readonly xdsTls: HostPort | "off";
  readonly http: HostPort | "off";
  readonly caDir?: string;
  readonly servingName: readonly string[];
  /** Milliseconds between pings. */
  readonly keepalive: number;
  readonly canary: boolean;
  readonly logFormat?: "text" | "json";
  readonly logLevel: LogLevels;
}

/** A ping has to be answered within this time, or before the next one is due. */
const longestPingMs = 10_000;

/** Proxies get this long to finish what they are doing when the server stops. */
const drainMs = 3000;

/** `source` is of these folders. */
export async function runServe(
  folders: readonly string[],
  source: Source,
  options: ServeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  for (const folder of folders) await mustExist(folder);
  if (options.meshConfig !== undefined) await readMeshConfigFile(options.meshConfig);
  const format = options.logFormat ?? (terminal.errIsTerminal ? "text" : "json");
  const log = createLogger(format, options.logLevel, terminal.err, terminal.errColors);
  const stopped = untilStopped();
  const plane = await start(source, options, log);
  if (plane.xdsTls) {
    const state = options.state === ".fairlead" ? "" : ` --state ${options.state}`;
    log.info(
      { scope: "server" },
      "ready; `fairlead bootstrap --type sidecar --name NAME --namespace NS --ip IP " +
        `--xds ${formatHostPort(plane.xdsTls)}${state}\` points an Envoy here`,
    );
  }
  const signal = await stopped;
  log.info({ scope: "server", signal }, "stopping; once more to stop at once");
  await plane.close(drainMs);
  log.info({ scope: "server" }, "stopped");
  return exitCodes.ok;
}

async function start(
  source: Source,
  options: ServeOptions,
  log: ReturnType<typeof createLogger>,
): Promise<ControlPlane> {
  const { xds, xdsTls, http, state, servingName, caDir, meshConfig, keepalive } = options;
  try {
    return await startControlPlane({
      folders: source,
      ...(meshConfig === undefined ? {} : { meshConfigFile: meshConfig }),
      ...(xds === "off" ? {} : { xds }),
      ...(xdsTls === "off" ? {} : { xdsTls }),
      ...(http === "off" ? {} : { http }),
      version: productVersion(),
      xdsServer: { keepaliveMs: keepalive, keepaliveTimeoutMs: Math.min(keepalive, longestPingMs) },
      canary: options.canary,
      log,
      openAuthority: (config: MeshConfig, world: World) => {
        const plugged: PluggedIn | undefined =
          caDir === undefined ? findPluggedSecret(config, world) : { kind: "directory", directory: caDir };
        return openCertificates({
          stateDir: state,
          config,
          ...(plugged ? { plugged } : {}),
          servingNames: servingName,
          log,
        });
      },
    });
  } catch (error) {
    throw asFailure(error);
  }
}

function asFailure(error: unknown): unknown {
  if (error instanceof SettingsRefused) return new CommandFailed(error.message);
  if (error instanceof PortUnavailable) return new CommandFailed(explainPort(error.message));
  if (error instanceof AuthorityUnavailable)
    return new CommandFailed(`the certificate authority: ${error.message}`);
  return error;
}

function explainPort(message: string): string {
  if (message.includes("EADDRINUSE")) {
    return `${message}\nAnother process listens there: is Fairlead already running? --xds, --xds-tls and --http choose other ports`;
  }
  if (message.includes("EACCES")) return `${message}\nPorts below 1024 need privileges: choose a higher one`;
  if (message.includes("EADDRNOTAVAIL")) return `${message}\nThis machine has no such address`;
  return message;
}
