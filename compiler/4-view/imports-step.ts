// What a small step of the mesh does to what a client sees. In: the step and the client. Out: which of its services are others now;
// undefined where more of what it sees may be another.

import { isAlone, namesAt } from "./claimed-names.ts";
import type { Client } from "./client.ts";
import { type Imports, importsOf } from "./imports.ts";
import { isRouted, isRoutedAmongOthers } from "./routes-for-hosts.ts";
import type { Stride } from "./stepwise.ts";

export interface ImportsStep {
  readonly was: Imports;
  /** The same as before, but for routes and these services; for a client with a scope also for what its routes lead to. */
  readonly is: Imports;
  /** Hosts of services that came, went or have other versions. None where there are other names. */
  readonly moved: ReadonlySet<string>;
}

export function stepImports({ before, after, step }: Stride, client: Client): ImportsStep | undefined {
  const [was, is] = [importsOf(before, client), importsOf(after, client)];
  if (was.services === is.services && was.serviceByHost === is.serviceByHost) return { was, is, moved: none };
  const moved = [...step.services].filter(
    (host) => was.serviceByHost.get(host) !== is.serviceByHost.get(host),
  );
  if (moved.length > 0 && was.aliases.size + is.aliases.size > 0) return undefined;
  return { was, is, moved: new Set(moved) };
}

const none: ReadonlySet<string> = new Set();

/**
 * Whether nothing but the hosts themselves has to make room for them in a route table: no name of theirs is another service's or
 * is routed for itself, and there are no routes for one of them at a time when no service has it.
 */
export function standApart({ before, after }: Stride, { was, is, moved }: ImportsStep): boolean {
  const sides = [
    { mesh: before, seen: was },
    { mesh: after, seen: is },
  ];
  return [...moved].every((host) => {
    const names = new Set(sides.flatMap(({ mesh }) => namesAt(mesh, host)));
    names.delete(host);
    return sides.every(
      ({ mesh, seen: { serviceByHost, routeSets } }) =>
        isAlone(mesh, host) &&
        ![...names].some((name) => isRouted(routeSets, name)) &&
        (serviceByHost.has(host) || !isRoutedAmongOthers(routeSets, host)),
    );
  });
}
