// The demo's control plane: the same one as `fairlead serve`, in this process, on the usual ports or, where those are taken,
// on others.

import {
  AuthorityUnavailable,
  type ControlPlane,
  type ControlPlaneOptions,
  type Logger,
  openCertificates,
  PortUnavailable,
  startControlPlane,
} from "#runtime";
import type { Endpoint } from "../app/index.ts";
import { DemoFailed } from "./demo-failure.ts";
import type { Example } from "./example.ts";
import { whyTaken } from "./free-port.ts";

export interface DemoPlaneOptions extends Pick<ControlPlaneOptions, "onStatus" | "onChange"> {
  readonly example: Example;
  readonly stateDir: string;
  readonly version: string;
  readonly log: Logger;
  /** Do not even try the usual ports. */
  readonly anyPorts: boolean;
  /** One line for the user. */
  say(line: string): void;
}

const usualPorts = { xds: 15_010, xdsTls: 15_012, http: 15_014 };

/** Throws a `DemoFailed`. */
export async function startDemoPlane(options: DemoPlaneOptions): Promise<ControlPlane> {
  const { example, stateDir, version, log, onStatus, onChange } = options;
  const [xds, xdsTls, http] = await Promise.all([
    choosePort("xDS", usualPorts.xds, options),
    choosePort("xDS over TLS", usualPorts.xdsTls, options),
    choosePort("HTTP", usualPorts.http, options),
  ]);
  try {
    return await startControlPlane({
      folders: example.folders,
      meshConfigFile: example.meshConfigFile,
      xds,
      xdsTls,
      http,
      version,
      log,
      openAuthority: (config) => openCertificates({ stateDir, config, servingNames: [], log }),
      ...(onStatus ? { onStatus } : {}),
      ...(onChange ? { onChange } : {}),
    });
  } catch (error) {
    if (error instanceof AuthorityUnavailable || error instanceof PortUnavailable) {
      throw new DemoFailed(error.message);
    }
    throw error;
  }
}

async function choosePort(
  name: string,
  usual: number,
  { anyPorts, say }: DemoPlaneOptions,
): Promise<Endpoint> {
  const host = "127.0.0.1";
  if (anyPorts) return { host, port: 0 };
  if ((await whyTaken({ host, port: usual })) === undefined) return { host, port: usual };
  say(`port ${usual} (${name}) is taken: using another one`);
  return { host, port: 0 };
}
