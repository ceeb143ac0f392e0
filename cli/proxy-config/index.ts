// What one connected proxy is served, as a command: asks a running server, and prints tables or data.

import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { stringify } from "yaml";
import type { ConfigDump, ProxySync } from "#runtime";
import { type ExitCode, exitCodes } from "../exit.ts";
import { type ConfigType, configTypes } from "../options/config-type.ts";
import type { HostPort } from "../options/host-port.ts";
import { askServer } from "../pages/ask.ts";
import { connectedProxies, findProxy, notConnected } from "../pages/proxies.ts";
import { renderTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { clusterTable } from "./clusters.ts";
import { endpointTable } from "./endpoints.ts";
import { listenerTable } from "./listeners.ts";
import { routeTable } from "./routes.ts";
import { secretTable, summarizeSecrets } from "./secrets.ts";
import { readServed } from "./served.ts";
import type { Table } from "./table-parts.ts";

export interface ProxyConfigOptions {
  readonly http: HostPort;
  readonly output: "text" | "json" | "yaml";
}

/** Throws a CommandFailed when the server does not answer or no such proxy is connected. */
export async function runProxyConfig(
  type: ConfigType | "all",
  name: string,
  { http, output }: ProxyConfigOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const proxies = await connectedProxies(http);
  const proxy = findProxy(proxies, name);
  if (!proxy) throw notConnected(name, proxies);
  const page = `/debug/config_dump?proxyID=${encodeURIComponent(proxy.name)}`;
  const dump = await askServer<ConfigDump>(http, page);
  const types = type === "all" ? configTypes : [type];
  warnWhereBehind(proxy, types, terminal);
  if (output === "text") {
    terminal.out(tables(dump, types, terminal));
    return exitCodes.ok;
  }
  const data = type === "all" ? allData(dump) : dataOf(dump, type);
  terminal.out(
    output === "json"
      ? `${JSON.stringify(data, null, 2)}\n`
      : stringify(data, { lineWidth: 0, aliasDuplicateObjects: false }),
  );
  return exitCodes.ok;
}

const shortNames: Readonly<Record<ConfigType, readonly string[]>> = {
  clusters: ["CDS"],
  listeners: ["LDS"],
  routes: ["RDS", "VHDS"],
  endpoints: ["EDS"],
  secrets: ["SDS"],
};

/** What is served is not what the proxy has, while something is refused or on its way. */
function warnWhereBehind(proxy: ProxySync, types: readonly ConfigType[], { err, errColors }: Terminal): void {
  for (const type of types) {
    for (const found of proxy.types.filter((each) => shortNames[type].includes(each.type))) {
      if (found.status === "SYNCED" || found.status === "NOT SENT") continue;
      err(
        `${errColors.yellow("warning:")} ${proxy.name} does not have all of these ${type}: ${found.type} is ${found.status}; ` +
          "`fairlead status` says more\n",
      );
    }
  }
}

function tables(dump: ConfigDump, types: readonly ConfigType[], { outColors }: Terminal): string {
  const [only] = types;
  if (types.length === 1 && only) return render(tableOf(dump, only));
  return types.map((type) => `${outColors.bold(type)}\n${render(tableOf(dump, type))}`).join("\n");
}

function render({ headings, rows }: Table): string {
  return renderTable(headings, rows);
}

function tableOf(dump: ConfigDump, type: ConfigType): Table {
  switch (type) {
    case "clusters":
      return clusterTable(readServed(ClusterSchema, dump.clusters));
    case "listeners":
      return listenerTable(readServed(ListenerSchema, dump.listeners));
    case "routes":
      return routeTable(readServed(RouteConfigurationSchema, dump.routes));
    case "endpoints":
      return endpointTable(
        readServed(ClusterLoadAssignmentSchema, dump.endpoints),
        readServed(ClusterSchema, dump.clusters),
      );
    case "secrets":
      return secretTable(secretsOf(dump));
  }
}

function secretsOf(dump: ConfigDump) {
  return summarizeSecrets(readServed(SecretSchema, dump.secrets));
}

function dataOf(dump: ConfigDump, type: ConfigType): unknown {
  return type === "secrets" ? secretsOf(dump) : (dump[type] ?? []);
}

function allData(dump: ConfigDump): unknown {
  const byType = Object.fromEntries(configTypes.map((type) => [type, dataOf(dump, type)]));
  return { proxy: dump.proxy, version: dump.version, ...byType };
}
