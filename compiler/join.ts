// Files already read → the mesh that they come to: the step that every change repeats. Given what they came to before, it looks at
// the files that changed and leaves the rest of the mesh alone. Pure: the result is that of joining all files anew.

import { changesOf, type LayeredMap, layeredMap, lookUp, withEntries } from "#immutable";
import { describeDuplicates, firstOf, objectKey } from "./2-validate/index.ts";
import { buildMesh } from "./3-mesh/build.ts";
import { changeListings, type Listings, listingsOf } from "./3-mesh/endpoints.ts";
import { changeFacts, type FactIndex, indexFacts } from "./3-mesh/fact-index.ts";
import type { Mesh } from "./3-mesh/mesh.ts";
import { checkReferences } from "./3-mesh/references/index.ts";
import { stepBetween } from "./3-mesh/step.ts";
import { type Diagnostic, sortDiagnostics } from "./diagnostics/index.ts";
import type { Fact } from "./model/fact.ts";
import type { MeshConfig } from "./model/mesh-config.ts";
import type { EndpointSet } from "./model/service.ts";
import type { ReadFile, ReadObject } from "./read-file.ts";

export interface CompiledMesh {
  readonly mesh: Mesh;
  readonly files: readonly ReadFile[];
  /** Everything there is to say, sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the next change starts from. */
  readonly join: JoinState;
}

interface JoinState {
  readonly index: FactIndex;
  readonly listings: Listings;
  /** By group, kind, namespace and name: whoever claims to be that object, in the order of the files. */
  readonly claims: LayeredMap<readonly ReadObject[]>;
  /** The keys that more than one object claims. */
  readonly disputed: ReadonlySet<string>;
  /** As given: not the one that is found among the files. */
  readonly config: MeshConfig | undefined;
  /** The last meshes: a step leads only from one that is still there, and not everybody has taken the newest yet. */
  readonly recent: readonly Mesh[];
}

const maxRecent = 8;

/** `before` is what earlier files came to, whichever they were. */
export function joinFiles(
  files: readonly ReadFile[],
  config?: MeshConfig,
  before?: CompiledMesh,
): CompiledMesh {
  return (before && joinChanges(files, config, before)) ?? joinAll(files, config);
}

function joinAll(files: readonly ReadFile[], config: MeshConfig | undefined): CompiledMesh {
  const objects = files.flatMap((file) => file.objects);
  const claims = claimsOf(objects);
  const disputed = new Set([...claims].filter(([, claimants]) => claimants.length > 1).map(([key]) => key));
  const counts = (object: ReadObject) =>
    isAnonymous(object) || firstOf(claims.get(objectKey(object.raw)) ?? []) === object;
  const index = indexFacts(objects.filter(counts).flatMap(({ facts }) => facts));
  return complete(files, {
    index,
    listings: listingsOf({ sets: index.endpoints, entries: index["listed-endpoints"] }),
    claims: layeredMap(claims),
    disputed,
    config,
    recent: [],
  });
}

/** Undefined where everything has to be looked at again. */
function joinChanges(
  files: readonly ReadFile[],
  config: MeshConfig | undefined,
  before: CompiledMesh,
): CompiledMesh | undefined {
  const { join } = before;
  if (join.config !== config) return undefined;
  const { gone, come } = changedObjects(before.files, files);
  const { claims, disputed, left, arrived } = contest(join, gone, come);
  if ([...left, ...arrived].some(({ type }) => type === "mesh-config")) return undefined;
  const index = changeFacts(join.index, left, arrived);
  const [listedBefore, listedNow] = [listedAmong(left), listedAmong(arrived)];
  const listings = changeListings(join.listings, listedBefore, listedNow);
  const recent = [before.mesh, ...join.recent].slice(0, maxRecent);
  const after = complete(files, { index, listings, claims, disputed, config, recent });
  const hosts = new Set(
    [listedBefore, listedNow].flatMap(({ sets, entries }) => [
      ...sets.map((set) => hostOf(set, after.mesh.config)),
      ...entries.flatMap((entry) => entry.hosts),
    ]),
  );
  const step = stepBetween(before.mesh, after.mesh, hosts);
  return step ? { ...after, mesh: { ...after.mesh, step } } : after;
}

function listedAmong(facts: readonly Fact[]) {
  return {
    sets: facts.flatMap((fact) => (fact.type === "endpoints" ? [fact.value] : [])),
    entries: facts.flatMap((fact) => (fact.type === "listed-endpoints" ? [fact.value] : [])),
  };
}

/** The host of the service that an endpoint object belongs to. */
function hostOf({ serviceName, namespace }: EndpointSet, { domainSuffix }: MeshConfig): string {
  return `${serviceName}.${namespace}.svc.${domainSuffix}`;
}

function complete(files: readonly ReadFile[], join: JoinState): CompiledMesh {
  const build = buildMesh(join.index, join.config, join.listings);
  const diagnostics = [
    ...remarkedFiles(files).flatMap((file) => file.diagnostics),
    ...[...join.disputed].flatMap((key) => describeDuplicates(lookUp(join.claims, key) ?? [])),
    ...checkReferences(build),
  ];
  return { mesh: build.mesh, files, diagnostics: sortDiagnostics(diagnostics), join };
}

const remarked = new WeakMap<readonly ReadFile[], readonly ReadFile[]>();

/** Those of which there is something to say: mostly none, and mostly the same as before a change. */
function remarkedFiles(files: readonly ReadFile[]): readonly ReadFile[] {
  const changes = changesOf(files);
  const before = changes && remarked.get(changes.before);
  const isRemarked = (file: ReadFile | undefined) => file !== undefined && file.diagnostics.length > 0;
  const isSame = changes?.places.every(
    (place) => !isRemarked(changes.before[place]) && !isRemarked(files[place]),
  );
  const made = before && isSame ? before : files.filter(isRemarked);
  remarked.set(files, made);
  return made;
}

interface ChangedObjects {
  readonly gone: ReadonlySet<ReadObject>;
  readonly come: ReadonlySet<ReadObject>;
}

/** Files in order of name are compared as they go; in any other order more of them count as changed. */
function changedObjects(before: readonly ReadFile[], after: readonly ReadFile[]): ChangedObjects {
  const changes = changesOf(after);
  if (changes?.before === before) {
    const at = (files: readonly ReadFile[]) => changes.places.flatMap((place) => files[place] ?? []);
    return comparedObjects(at(before), at(after));
  }
  return comparedObjects(before, after);
}

function comparedObjects(before: readonly ReadFile[], after: readonly ReadFile[]): ChangedObjects {
  const gone = new Set<ReadObject>();
  const come = new Set<ReadObject>();
  let [old, now] = [0, 0];
  while (old < before.length || now < after.length) {
    const [earlier, later] = [before[old], after[now]];
    if (earlier === later) {
      old++;
      now++;
    } else if (earlier && (!later || earlier.name <= later.name)) {
      for (const object of earlier.objects) gone.add(object);
      old++;
    } else if (later) {
      for (const object of later.objects) come.add(object);
      now++;
    }
  }
  const kept = gone.intersection(come);
  return { gone: gone.difference(kept), come: come.difference(kept) };
}

/** Who is the object of its name after a change, and what facts that takes away and brings. */
function contest(
  { claims, disputed }: JoinState,
  gone: ReadonlySet<ReadObject>,
  come: ReadonlySet<ReadObject>,
) {
  const arriving = claimsOf(come);
  const keys = new Set([...arriving.keys(), ...claimsOf(gone).keys()]);
  const left = factsOf([...gone].filter(isAnonymous));
  const arrived = factsOf([...come].filter(isAnonymous));
  const entries: (readonly [string, readonly ReadObject[] | undefined])[] = [];
  const stillDisputed = new Set(disputed);
  for (const key of keys) {
    const before = lookUp(claims, key) ?? [];
    const staying = before.filter((object) => !gone.has(object));
    const after = [...staying, ...(arriving.get(key) ?? [])];
    entries.push([key, after.length === 0 ? undefined : after]);
    if (after.length > 1) stillDisputed.add(key);
    else stillDisputed.delete(key);
    const [old, now] = [new Set(firstOf(before)?.facts), new Set(firstOf(after)?.facts)];
    left.push(...old.difference(now));
    arrived.push(...now.difference(old));
  }
  return { claims: withEntries(claims, entries), disputed: stillDisputed, left, arrived };
}

function claimsOf(objects: Iterable<ReadObject>): ReadonlyMap<string, readonly ReadObject[]> {
  const named = [...objects].filter((object) => !isAnonymous(object));
  return Map.groupBy(named, ({ raw }) => objectKey(raw));
}

function factsOf(objects: readonly ReadObject[]): Fact[] {
  return objects.flatMap(({ facts }) => facts);
}

/** Without a name there is nothing to share. */
function isAnonymous({ raw }: ReadObject): boolean {
  return raw.name === "";
}
