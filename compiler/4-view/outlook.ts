// How a client sees the services of a mesh: what policy it has for each and as whom it calls it. In: mesh, client, services. Out: the
// same object for clients that see the same, so that what follows from it is found once for all of them.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { DestinationPolicy } from "../model/destination.ts";
import { keepEqual, memoizeByIdentity, sameItems } from "../model/memo.ts";
import type { MeshService } from "../model/service.ts";
import { type Caller, callerOf } from "./caller.ts";
import type { Client } from "./client.ts";
import { type Imports, reachableServices } from "./imports.ts";
import { mayHavePolicy, policyFor } from "./traffic-policy.ts";

export interface Outlook {
  readonly mesh: Mesh;
  readonly serviceByHost: Imports["serviceByHost"];
  /** Of any service that nobody has a policy for. */
  readonly plain: Sight;
  /** Of the other services, in their order: where their policies are for other clients, that is the plain one, too. */
  readonly ruled: readonly Sight[];
}

/** One service as a client sees it. */
export interface Sight {
  readonly policy: DestinationPolicy | undefined;
  readonly caller: Caller;
}

/** On everything that these imports lead to. */
export function outlookOf(mesh: Mesh, client: Client, { serviceByHost }: Imports): Outlook {
  const sightUnder = (policy: DestinationPolicy | undefined) =>
    sight(callerOf(client, mesh.config, policy), policy);
  const services = ruledServices(mesh, serviceByHost);
  return keepOutlook(mesh, "", {
    mesh,
    serviceByHost,
    plain: sightUnder(undefined),
    ruled: services.map((service) => sightUnder(policyFor(mesh, client, service))),
  });
}

/** The sights of those services that somebody has a policy for; any other has the plain one. */
export function ruledSights({ mesh, serviceByHost, ruled }: Outlook): ReadonlyMap<MeshService, Sight> {
  return new Map(
    ruledServices(mesh, serviceByHost).flatMap((service, place) => {
      const sight = ruled[place];
      return sight ? [[service, sight] as const] : [];
    }),
  );
}

const sight = memoizeByIdentity(
  (caller: Caller, policy: DestinationPolicy | undefined): Sight => ({ policy, caller }),
);

const keepOutlook = keepEqual<Mesh, Outlook>(
  (before, now) =>
    before.serviceByHost === now.serviceByHost &&
    before.plain === now.plain &&
    sameItems(before.ruled, now.ruled),
  { variants: 32 },
);

const ruledServices = memoizeByIdentity(
  (mesh: Mesh, serviceByHost: Imports["serviceByHost"]): readonly MeshService[] =>
    reachableServices(serviceByHost).filter((service) => mayHavePolicy(mesh, service)),
);
