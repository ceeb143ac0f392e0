// Makes the order of edits not matter. In: what is in force, and the files as they are now. Out: the files with those objects as
// they were whose change would leave a reference without its target. Pure; reads no file and keeps no state.

import {
  type CompiledMesh,
  type Diagnostic,
  type Fact,
  joinFiles,
  type MeshConfig,
  objectKey,
  type ReadFile,
  type ReadObject,
} from "#compiler";

/** What of the files is in force. */
export interface InForce {
  readonly compiled: CompiledMesh;
  /** Objects that are kept as they were, or kept out where they are new, with the reference that they would break. */
  readonly held: readonly HeldObject[];
}

export interface HeldObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly because: Diagnostic;
}

/**
 * A subset that is renamed in one file, and in the routes of another file a moment or a day later, must not leave those
 * routes without a target in between: the old subset stays until nothing refers to it. A reference that had no target
 * before either holds nothing up. Credentials that are deleted are deleted: somebody may have stolen them.
 */
export function holdBack(
  before: CompiledMesh,
  files: readonly ReadFile[],
  config: MeshConfig | undefined,
): InForce & { readonly diagnostics: readonly Diagnostic[] } {
  const wanted = joinFiles(files, config, before);
  const { diagnostics } = wanted;
  const known = new Set(danglingIn(before).map(keyOfReference));
  // Of a host that was not there, no port and no subset was either.
  const isNew = (each: Diagnostic) => !known.has(keyOfReference(each)) && !known.has(keyOfHost(each));
  // Without a state to go back to, what the files say is all there is.
  let broken = before.files.length === 0 ? [] : danglingIn(wanted).filter(isNew);
  if (broken.length === 0) return { compiled: wanted, held: [], diagnostics };
  const changes = changesBetween(before.files, files);
  const held = new Map<string, Diagnostic>();
  const inVain = placesByKey(danglingIn(before).filter(isOfPart), keyOfHost);
  const isAsBefore = (object: Diagnostic["object"]) =>
    ![...changes].some(([key, { identity }]) => !held.has(key) && isSame(identity, object));
  // Where none of an object's references to a host led anywhere, for want of a port or subset, nothing is lost with the host.
  const lost = (found: readonly Diagnostic[]) => {
    const places = placesByKey(found, keyOfReference);
    return found.filter((each) => {
      const key = keyOfReference(each);
      return places.get(key)?.size !== inVain.get(key)?.size || !isAsBefore(each.object);
    });
  };
  broken = lost(broken);
  let compiled = wanted;
  const joinWith = (keys: Iterable<string>) =>
    joinFiles(withoutChanges(files, changes, new Set(keys)), config, before);
  while (broken.length > 0) {
    const found = broken.flatMap((each) =>
      culpritsOf(each, changes, held, joinWith).map((key) => ({ key, each })),
    );
    if (found.length === 0) break;
    for (const { key, each } of found) held.set(key, each);
    compiled = joinWith(held.keys());
    broken = lost(danglingIn(compiled).filter(isNew));
  }
  return {
    compiled,
    held: [...held].flatMap(([key, because]) => {
      const change = changes.get(key);
      return change ? [{ ...change.identity, because }] : [];
    }),
    diagnostics,
  };
}

const danglingCodes: ReadonlySet<string> = new Set([
  "host-not-found",
  "subset-not-found",
  "port-not-found",
  "delegate-not-found",
  "gateway-not-found",
  "credential-not-found",
]);

/** A port that is not named is no reference; a host of which nothing can be said any more is one that is gone. */
function danglingIn({ diagnostics }: CompiledMesh): readonly Diagnostic[] {
  return diagnostics.filter(
    ({ code, severity }) => danglingCodes.has(code) && !(code === "port-not-found" && severity === "warning"),
  );
}

/**
 * What follows a semicolon is advice, which depends on the rest of the mesh. How a missing host is told depends on whether its
 * namespace has others: only its name, the last word before the reasons, is the same in both.
 */
function keyOfReference({ code, object, message }: Diagnostic): string {
  const [clause = ""] = message.split(/;|: /);
  return keyOf(object, code, code === "host-not-found" ? clause.split(" ").at(-1) : clause);
}

/** Whether the host is there, and a port or subset of it is not. */
function isOfPart({ code }: Diagnostic): boolean {
  return code === "port-not-found" || code === "subset-not-found";
}

function placesByKey(
  diagnostics: readonly Diagnostic[],
  keyOf: (each: Diagnostic) => string,
): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Map<string, Set<string>>();
  for (const each of diagnostics) {
    const { line, column } = each.position;
    places.getOrInsertComputed(keyOf(each), () => new Set()).add(`${line}:${column}`);
  }
  return places;
}

/** The key that a reference to a port or a subset, which tells the host first, would have if there were no such host. */
function keyOfHost({ object, message }: Diagnostic): string {
  return keyOf(object, "host-not-found", message.split(" ", 1)[0]);
}

function keyOf(object: Diagnostic["object"], code: Diagnostic["code"], target: string | undefined): string {
  return [code, object?.kind, object?.namespace, object?.name, target].join("|");
}

/** An object that is not what is in force. */
interface Change {
  readonly identity: Pick<HeldObject, "kind" | "namespace" | "name">;
  /** Undefined where it is new. */
  readonly before: ReadObject | undefined;
  readonly file: string;
}

/** The kinds of facts that references lead from or to; no policy that protects anything is ever held back. */
const referring: ReadonlySet<Fact["type"]> = new Set<Fact["type"]>([
  "routes",
  "destination",
  "service",
  "gateway",
]);

function changesBetween(
  before: readonly ReadFile[],
  after: readonly ReadFile[],
): ReadonlyMap<string, Change> {
  const unchanged = new Set(after);
  const earlier = new Set(before);
  const old = byKey(before.filter((file) => !unchanged.has(file)));
  const now = byKey(after.filter((file) => !earlier.has(file)));
  const changes = new Map<string, Change>();
  for (const [key, object] of [...old, ...now]) {
    const previous = old.get(key);
    const current = now.get(key);
    if (previous && current && JSON.stringify(previous.raw.value) === JSON.stringify(current.raw.value))
      continue;
    const isReferring = [previous, current].some((each) =>
      each?.facts.some(({ type }) => referring.has(type)),
    );
    if (!isReferring) continue;
    const { kind, namespace, name } = object.raw;
    changes.set(key, { identity: { kind, namespace, name }, before: previous, file: object.raw.file });
  }
  return changes;
}

function byKey(files: readonly ReadFile[]): ReadonlyMap<string, ReadObject> {
  const objects = new Map<string, ReadObject>();
  for (const object of files.flatMap((file) => file.objects)) {
    const key = objectKey(object.raw);
    if (!objects.has(key)) objects.set(key, object);
  }
  return objects;
}

/** Who refers in vain, if it has changed; else whoever has changed so that the target is gone. */
function culpritsOf(
  reference: Diagnostic,
  changes: ReadonlyMap<string, Change>,
  held: ReadonlyMap<string, Diagnostic>,
  joinWith: (keys: Iterable<string>) => CompiledMesh,
): readonly string[] {
  const open = [...changes].filter(([key]) => !held.has(key));
  const { object } = reference;
  const referrer = open.find(([, { identity }]) => isSame(identity, object));
  if (referrer) return [referrer[0]];
  const wanted = keyOfReference(reference);
  const healing = open.find(([key]) => {
    const attempt = joinWith([...held.keys(), key]);
    return !danglingIn(attempt).some((each) => keyOfReference(each) === wanted);
  });
  return healing ? [healing[0]] : [];
}

function isSame(identity: Change["identity"], object: Diagnostic["object"]): boolean {
  return (
    identity.kind === object?.kind && identity.namespace === object.namespace && identity.name === object.name
  );
}

/** The files with these objects as they were before. */
function withoutChanges(
  files: readonly ReadFile[],
  changes: ReadonlyMap<string, Change>,
  keys: ReadonlySet<string>,
): readonly ReadFile[] {
  const missing = new Set(keys);
  const replaced = files.map((file) => {
    if (!file.objects.some((object) => keys.has(objectKey(object.raw)))) return file;
    const objects = file.objects.flatMap((object): readonly ReadObject[] => {
      const key = objectKey(object.raw);
      if (!keys.has(key)) return [object];
      missing.delete(key);
      return lastGood(changes.get(key)?.before);
    });
    return { ...file, objects };
  });
  const gone = [...missing].flatMap((key) => {
    const change = changes.get(key);
    const objects = lastGood(change?.before);
    return change && objects.length > 0
      ? [{ name: change.file, objects, diagnostics: [], unreadable: false }]
      : [];
  });
  return [...replaced, ...gone].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function lastGood(object: ReadObject | undefined): readonly ReadObject[] {
  return object ? [{ ...object, state: "last-good" }] : [];
}
