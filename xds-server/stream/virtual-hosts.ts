// Virtual hosts as resources of their own (VHDS). Envoy asks for them once on a stream and without names, whatever number of
// route tables it has, and takes those of its tables as they come. So what it should have follows from its tables: this
// file keeps account of those. In: requests for tables, and tables sent. Out: what that means for virtual hosts. Sends nothing.

import { namesIn, withEntries } from "#immutable";
import { unknownVersion } from "../cache/client-diff.ts";
import { tableOf, typeUrls } from "../cache/resource-types.ts";
import { collectionOf } from "../cache/snapshot.ts";
import type { DeltaRequest, ListedVersions } from "./messages.ts";
import type { SessionState } from "./session.ts";
import type { SubscriptionChange } from "./subscription.ts";
import { type TypeState, withMembers, withoutMembers } from "./type-state.ts";

/**
 * How a client came to a table. `promised`: asked for and not sent yet, so that hosts would be lost on the client.
 * `sent`: on this stream. `kept`: the client came back with it, and with the hosts that it lists.
 */
export type TableUse = "promised" | "sent" | "kept";

/** By the name of the table. */
export type Tables = ReadonlyMap<string, TableUse>;

/** What the client may be sent of virtual hosts now. */
export function tablesInUse(tables: Tables): ReadonlySet<string> {
  return new Set([...tables].filter(([, use]) => use !== "promised").map(([name]) => name));
}

/**
 * The session after a request for route tables. Of a table asked for anew it is not known which hosts it has, whatever
 * versions the client lists: Envoy remembers those of tables that it has given up. Once the table has been sent, they are
 * sent or withdrawn. Hosts of a table that is given up are withdrawn, so that Envoy forgets them.
 */
export function tablesAsked(
  state: SessionState,
  { asked, dropped }: SubscriptionChange,
  first: DeltaRequest | undefined,
): SessionState {
  if (asked.length + dropped.length === 0) return state;
  const tables = new Map(state.tables);
  for (const name of asked) tables.set(name, first?.initialVersions.has(name) ? "kept" : "promised");
  for (const name of dropped) tables.delete(name);
  const anew = new Set(asked.filter((name) => tables.get(name) === "promised"));
  const kept = new Set(asked.filter((name) => tables.get(name) === "kept"));
  const gone = new Set(dropped);
  const after = { ...state, tables };
  return withHosts(after, (hosts) => withdraw(doubt(arrive(hosts, kept, state), anew), gone));
}

/** The session once these tables are on their way: their hosts may follow. */
export function tablesSent(state: SessionState, names: readonly string[]): SessionState {
  const arriving = names.filter((name) => state.tables.get(name) === "promised");
  if (arriving.length === 0) return state;
  const tables = new Map(state.tables);
  for (const name of arriving) tables.set(name, "sent");
  const due = new Set(arriving);
  return withHosts({ ...state, tables }, (hosts) => arrive(hosts, due, state));
}

/**
 * What a returning client says it has, of which it is believed what belongs to a table that it came back with. Of a table
 * that it does not ask for it is to be withdrawn, and until the client has said which those are, nothing is.
 */
export function hostsVouched({ tables }: SessionState, versions: ListedVersions): ListedVersions {
  const isKept = (use: TableUse | undefined) => use === undefined || use === "kept";
  if ([...tables.values()].every(isKept)) return versions;
  const believed = new Map<string, string>();
  versions.forEach((version, name) => {
    if (isKept(tables.get(tableOf(name)))) believed.set(name, version);
  });
  return believed;
}

/** The type with its subscription confined to the tables in use. */
export function confined(hosts: TypeState, tables: Tables): TypeState {
  return { ...hosts, subscription: { ...hosts.subscription, within: tablesInUse(tables) } };
}

function withHosts(state: SessionState, change: (hosts: TypeState) => TypeState): SessionState {
  const hosts = state.types.get(typeUrls.virtualHosts);
  if (!hosts) return state;
  const types = new Map(state.types).set(typeUrls.virtualHosts, confined(change(hosts), state.tables));
  return { ...state, types };
}

/** What these tables have and should have may differ. */
function arrive(hosts: TypeState, tables: ReadonlySet<string>, { snapshot }: SessionState): TypeState {
  if (tables.size === 0) return hosts;
  const { resources } = collectionOf(snapshot, typeUrls.virtualHosts);
  const there = [...resources.keys()].filter((name) => tables.has(tableOf(name)));
  return { ...hosts, dirty: withMembers(hosts.dirty, [...there, ...hostsOf(hosts, tables)]) };
}

function doubt(hosts: TypeState, tables: ReadonlySet<string>): TypeState {
  const names = hostsOf(hosts, tables);
  if (names.length === 0) return hosts;
  const held = withEntries(
    hosts.held,
    names.map((name) => [name, unknownVersion] as const),
  );
  return { ...hosts, held, dirty: withoutMembers(hosts.dirty, names) };
}

function withdraw(hosts: TypeState, tables: ReadonlySet<string>): TypeState {
  const names = hostsOf(hosts, tables);
  return names.length === 0 ? hosts : { ...hosts, dirty: withMembers(hosts.dirty, names) };
}

function hostsOf({ held }: TypeState, tables: ReadonlySet<string>): readonly string[] {
  return tables.size === 0 ? [] : [...namesIn(held)].filter((name) => tables.has(tableOf(name)));
}
