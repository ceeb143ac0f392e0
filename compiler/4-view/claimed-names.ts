// By which names somebody may call a service, in the whole mesh: of services that share none, none has a say in another's virtual
// host. In: mesh and host. Out: whether its services are alone with their names.

import { type LayeredMap, layeredMap, lookUp, withEntries } from "#immutable";
import type { Mesh } from "../3-mesh/mesh.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { MeshService } from "../model/service.ts";
import { namesOf } from "./host-domains.ts";
import { type Advance, stepwise } from "./stepwise.ts";

/** Whether no service of another host has one of the names of this one's services, for whatever client. */
export function isAlone(mesh: Mesh, host: string): boolean {
  const claims = claimsOf(mesh);
  const others = (key: string) => lookUp(claims, key)?.some((each) => each !== host) ?? false;
  return !servicesAt(mesh, host).some((service) => {
    const { far, near } = callNames(service);
    return far.some((name) => others(name) || others(nearKey(name))) || near.some(others);
  });
}

/** All names that the services of a host may be called by. */
export function namesAt(mesh: Mesh, host: string): readonly string[] {
  return servicesAt(mesh, host).flatMap((service) => Object.values(callNames(service)).flat());
}

function servicesAt({ servicesByHost }: Mesh, host: string): readonly MeshService[] {
  return servicesByHost.get(host) ?? [];
}

interface CallNames {
  /** That everybody may use. */
  readonly far: readonly string[];
  /** That only its own namespace may use. */
  readonly near: readonly string[];
}

function callNames(service: MeshService): CallNames {
  const lower = (near: boolean) => namesOf(service, 0, near, true, false).map((name) => name.toLowerCase());
  const far = lower(false);
  return { far, near: lower(true).filter((name) => !far.includes(name)) };
}

/** Hosts by a name of theirs. */
type Claims = LayeredMap<readonly string[]>;

/** The meshes on both sides of a step are asked for in turn. */
const claimsOf = memoizeByIdentity((mesh: Mesh): Claims => claimsIn(mesh, mesh.config));

const claimsIn = stepwise(
  (mesh: Mesh, _config: MeshConfig): Claims => {
    const claims = new Map<string, string[]>();
    for (const host of mesh.servicesByHost.keys()) {
      for (const key of keysOf(mesh, host)) claims.getOrInsertComputed(key, () => []).push(host);
    }
    return layeredMap(claims);
  },
  ({ before, after, step, planned }: Advance<Claims>) =>
    [...step.services].reduce((claims, host) => {
      const [was, is] = [keysOf(before, host), keysOf(after, host)];
      const entries = [...was.symmetricDifference(is)].map((key) => {
        const others = (lookUp(claims, key) ?? []).filter((each) => each !== host);
        const all = is.has(key) ? [...others, host] : others;
        return [key, all.length === 0 ? undefined : all] as const;
      });
      return withEntries(claims, entries);
    }, planned),
);

function keysOf(mesh: Mesh, host: string): ReadonlySet<string> {
  return new Set(
    servicesAt(mesh, host).flatMap((service) => {
      const { far, near } = callNames(service);
      return [...far, ...near.map(nearKey)];
    }),
  );
}

/** Services of several namespaces may have the same one, and are not in each other's way. */
function nearKey(name: string): string {
  return `near ${name}`;
}
