// Clusters as a table: which service each stands for, and the rule about it.

import {
  type Cluster,
  Cluster_DiscoveryType as DiscoveryType,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { names } from "#compiler";
import type { Served } from "./served.ts";
import { originsOfKind, type Table } from "./table-parts.ts";

export function clusterTable(clusters: readonly Served<Cluster>[]): Table {
  return {
    headings: ["SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE"],
    rows: clusters.map(({ message, dumped }) => [
      ...nameParts(message.name),
      typeOf(message),
      originsOfKind(dumped.origins, "DestinationRule"),
    ]),
  };
}

function nameParts(name: string): readonly string[] {
  const parsed = names.parseClusterName(name) ?? names.parseClusterSni(name);
  switch (parsed?.direction) {
    case "outbound":
      return [parsed.host, String(parsed.port), parsed.subset ?? "", parsed.direction];
    case "inbound":
      return ["", String(parsed.port), "", parsed.direction];
    case undefined:
      return [name, "", "", ""];
  }
}

function typeOf({ clusterDiscoveryType: discovery }: Cluster): string {
  switch (discovery.case) {
    case "type":
      return DiscoveryType[discovery.value] ?? String(discovery.value);
    case "clusterType":
      return discovery.value.name.replace(/^envoy\.clusters\./, "").toUpperCase();
    case undefined:
      return "STATIC";
  }
}
