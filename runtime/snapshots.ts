// One proxy's snapshot: what the compiler emits for it, and the certificates that its proven identity is entitled to. What
// Envoy would not take never gets into one. Proxies that are equal as clients share all but what is their own.

import { fromBinary } from "@bufbuild/protobuf";
import {
  compileLayers,
  type EmittedResource,
  judgeResources,
  type Mesh,
  type MeshProxy,
  type UnsoundResource,
} from "#compiler";
import { differenceOf } from "#immutable";
import {
  type Collection,
  changeMembers,
  collectionOf,
  createCollection,
  encodeResource,
  joinCollections,
  laySnapshot,
  type ServedResource,
  type Snapshot,
} from "#xds-server";

export interface MadeSnapshot {
  readonly snapshot: Snapshot;
  /** Left out, or served in their last good version. */
  readonly unsound: readonly UnsoundResource[];
}

/**
 * `secrets` are the workload's own certificate and the mesh's roots; empty on a stream that may not have them. An
 * unsound resource is replaced by what `previous` has under its name. Route tables in `parts` are for a client that
 * discovers virtual hosts.
 */
export function makeSnapshot(
  mesh: Mesh,
  proxy: MeshProxy,
  secrets: readonly EmittedResource[],
  previous: Snapshot | undefined,
  tables: "whole" | "parts" = "whole",
): MadeSnapshot {
  const { shared, own } = compileLayers(mesh, proxy, tables);
  const base = sharedSnapshot(shared, previous?.base);
  const { served, unsound } = serveOwn(own, previous);
  const above = withSecrets(served, secrets);
  return {
    snapshot: laySnapshot(base.snapshot, above, previous),
    unsound: unsound.length > 0 ? [...base.unsound, ...unsound] : base.unsound,
  };
}

const withTheirSecrets = new WeakMap<
  readonly ServedResource[],
  WeakMap<ServedResource, readonly ServedResource[]>
>();

/** The same list as long as nothing in it is another. Replicas may serve the same under identities of their own. */
function withSecrets(
  served: readonly ServedResource[],
  secrets: readonly EmittedResource[],
): readonly ServedResource[] {
  const encoded = secrets.map((each) => encodeResource(each));
  const [first] = encoded;
  if (!first) return served;
  const known = withTheirSecrets.get(served)?.get(first);
  const made = [...served, ...encoded];
  if (known?.length === made.length && known.every((each, index) => each === made[index])) return known;
  const ofServed = withTheirSecrets.get(served) ?? new WeakMap<ServedResource, readonly ServedResource[]>();
  withTheirSecrets.set(served, ofServed.set(first, made));
  return made;
}

type Groups = readonly (readonly EmittedResource[])[];

const soundBases = new WeakMap<Groups, MadeSnapshot>();
const mendedBases = new WeakMap<Groups, WeakMap<object, MadeSnapshot>>();

/** Made once for all that share it; where it has to be mended, once for each last good state. */
function sharedSnapshot(shared: Groups, previous: Snapshot | undefined): MadeSnapshot {
  const lastGood = previous ?? shared;
  const known = soundBases.get(shared) ?? mendedBases.get(shared)?.get(lastGood);
  if (known) return known;
  const collections = new Map<string, Collection>();
  const unsound: UnsoundResource[] = [];
  for (const group of shared) {
    const [first] = group;
    if (!first) continue;
    const served = collect(group, first.typeUrl, previous);
    collections.set(first.typeUrl, served.collection);
    unsound.push(...served.unsound);
  }
  const made = { snapshot: joinCollections(collections, previous), unsound };
  if (unsound.length === 0) soundBases.set(shared, made);
  else {
    const byLastGood = mendedBases.get(shared) ?? new WeakMap<object, MadeSnapshot>();
    mendedBases.set(shared, byLastGood.set(lastGood, made));
  }
  return made;
}

interface Collected {
  readonly collection: Collection;
  readonly unsound: readonly UnsoundResource[];
}

const soundCollections = new WeakMap<readonly EmittedResource[], Collected>();

/** Kinds of clients that have the same clusters have one collection of them. */
function collect(
  group: readonly EmittedResource[],
  typeUrl: string,
  previous: Snapshot | undefined,
): Collected {
  const known = soundCollections.get(group) ?? changed(group);
  if (known) return known;
  const { served, unsound } = serve(group, previous);
  const collected = { collection: createCollection(served, collectionOf(previous, typeUrl)), unsound };
  if (unsound.length === 0) soundCollections.set(group, collected);
  return collected;
}

/** What the group came from was sound: only what is other has to be judged and encoded. */
function changed(group: readonly EmittedResource[]): Collected | undefined {
  const difference = differenceOf(group);
  const before = difference && soundCollections.get(difference.before);
  if (!difference || !before) return undefined;
  const { come, gone } = difference;
  const judged = judgeResources(come);
  const { served, unsound } = encode(judged.sound, judged.unsound);
  const names = new Set(gone.map(({ name }) => name));
  const { resources } = before.collection;
  if (unsound.length > 0 || come.some(({ name }) => resources.has(name) && !names.has(name)))
    return undefined;
  for (const { name } of come) names.delete(name);
  const collection = changeMembers(before.collection, served, [...names]);
  const collected = { collection, unsound };
  soundCollections.set(group, collected);
  return collected;
}

const soundOwn = new WeakMap<readonly EmittedResource[], Served>();

function serveOwn(own: readonly EmittedResource[], previous: Snapshot | undefined): Served {
  const known = soundOwn.get(own);
  if (known) return known;
  const made = serve(own, previous);
  if (made.unsound.length === 0) soundOwn.set(own, made);
  return made;
}

interface Served {
  readonly served: readonly ServedResource[];
  readonly unsound: readonly UnsoundResource[];
}

function serve(resources: readonly EmittedResource[], previous: Snapshot | undefined): Served {
  const judged = judgeResources(resources, (resource) => {
    const earlier = collectionOf(previous, resource.typeUrl).resources.get(resource.name);
    return earlier && fromBinary(resource.schema, earlier.body);
  });
  const { served, unsound } = encode(judged.sound, judged.unsound);
  const saved = unsound.flatMap(({ resource, withheld }) => {
    if (withheld === "parts") return [];
    return collectionOf(previous, resource.typeUrl).resources.get(resource.name) ?? [];
  });
  return { served: [...served, ...saved], unsound };
}

/** What cannot be written down is a mistake of ours, and withholds itself alone. */
function encode(sound: readonly EmittedResource[], unsound: readonly UnsoundResource[]): Served {
  const served: ServedResource[] = [];
  const unwritable: UnsoundResource[] = [];
  for (const resource of sound) {
    try {
      served.push(encodeResource(resource));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      unwritable.push({ resource, reasons: [`it cannot be encoded: ${reason}`], withheld: "whole" });
    }
  }
  return { served, unsound: unwritable.length > 0 ? [...unsound, ...unwritable] : unsound };
}
