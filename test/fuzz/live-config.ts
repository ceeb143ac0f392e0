// What an Envoy runs with, and what it should: as texts by name that are equal where the configuration is. In: Envoy's own dump, and
// the page of the control plane. Route tables count where a listener asks for them.

import { isObject, type Json } from "./json.ts";

/** `cluster NAME`, `listener NAME`, `host TABLE DOMAINS` → content. */
export type LiveConfig = ReadonlyMap<string, string>;

type Members = Readonly<Record<string, Json>>;

/** Of `/config_dump`. What still warms, or was refused, is among it under a name of its own. */
export function configOfEnvoy(dump: Json): LiveConfig {
  const found = new Map<string, string>();
  const sections = listAt(dump, "configs");
  const all = (key: string) => sections.flatMap((section) => listAt(section, key));
  for (const each of all("dynamic_active_clusters")) add(found, "cluster", each.cluster);
  for (const each of all("dynamic_warming_clusters")) add(found, "warming cluster", each.cluster);
  for (const each of all("dynamic_listeners")) {
    for (const [state, kind] of [
      ["active_state", "listener"],
      ["warming_state", "warming listener"],
      ["error_state", "refused listener"],
    ] as const) {
      const { listener } = membersOf(each[state]);
      if (listener !== undefined) add(found, kind, { ...membersOf(listener), name: each.name ?? null });
    }
  }
  for (const each of all("dynamic_route_configs")) addHosts(found, each.route_config);
  return found;
}

/** Of `/debug/config_dump`. */
export function configAsServed(page: Json): LiveConfig {
  const found = new Map<string, string>();
  for (const { resource } of listAt(page, "clusters")) add(found, "cluster", resource);
  const listeners = listAt(page, "listeners").map(({ resource }) => resource ?? null);
  for (const each of listeners) add(found, "listener", each);
  const asked = new Set(
    [...JSON.stringify(listeners).matchAll(/"routeConfigName":"([^"]*)"/g)].map(([, name]) => name),
  );
  for (const { name, resource } of listAt(page, "routes"))
    if (asked.has(String(name))) addHosts(found, resource);
  return found;
}

/** What somebody has to read. */
export function differences(real: LiveConfig, served: LiveConfig): readonly string[] {
  return [...new Set([...real.keys(), ...served.keys()])].flatMap((key) => {
    if (real.get(key) === served.get(key)) return [];
    if (!real.has(key)) return [`Envoy lacks ${key}`];
    return [served.has(key) ? `${key} is another` : `Envoy still has ${key}`];
  });
}

function add(found: Map<string, string>, kind: string, resource: Json | undefined): void {
  const { "@type": _, ...members } = membersOf(resource);
  found.set(`${kind} ${String(members.name)}`, JSON.stringify(comparable(members)));
}

/** Hosts of a table that are resources of their own have longer names in Envoy, so that they go by their domains. */
function addHosts(found: Map<string, string>, table: Json | undefined): void {
  const { name, ...more } = membersOf(table);
  const hosts = [...listAt(more, "virtual_hosts"), ...listAt(more, "virtualHosts")];
  for (const { name: _, ...host } of hosts) {
    found.set(`host ${String(name)} ${JSON.stringify(host.domains)}`, JSON.stringify(comparable(host)));
  }
}

/** One spelling of field names, in one order; private keys, which Envoy blackens where they stand and where they are named, apart. */
function comparable(value: Json): Json {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, member]) => {
    const name = spelling(key);
    return [name, name === "privatekey" ? null : comparable(member)] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function spelling(key: string): string {
  return /^\w+$/.test(key) ? key.replaceAll("_", "").toLowerCase() : key;
}

function membersOf(value: Json | undefined): Members {
  return value !== undefined && isObject(value) ? value : {};
}

function listAt(value: Json, key: string): readonly Members[] {
  const list = membersOf(value)[key];
  return Array.isArray(list) ? list.map(membersOf) : [];
}
