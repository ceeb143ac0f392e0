// Certificates whose time is over, or nearly so. In: a mesh and a time. Out: warnings at the Secrets. What a policy compiles to does not
// depend on the day: this is for whoever asks, and no check of the mesh.

import type { Code, Diagnostic } from "../diagnostics/index.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { Credential, Lifetime } from "../model/security.ts";
import type { Mesh } from "./mesh.ts";
import { clientTlsOf } from "./references/credentials.ts";
import { at } from "./references/report.ts";

/** A lifetime, and whose it is. */
export interface LifetimeInUse extends Lifetime {
  readonly credential: Credential;
}

const day = 24 * 60 * 60 * 1000;

/** Of the certificates that some gateway or destination names; not of files on a proxy's own disk. Sorted by name. */
export function lifetimesInUse({ credentials, gateways, destinations }: Parts): readonly LifetimeInUse[] {
  return inUse(credentials, gateways, destinations);
}

type Parts = Pick<Mesh, "gateways" | "destinations" | "credentials">;

const inUse = memoizeByIdentity(
  (
    credentials: Parts["credentials"],
    gateways: Parts["gateways"],
    destinations: Parts["destinations"],
  ): readonly LifetimeInUse[] => {
    if (credentials.size === 0) return [];
    const servers = gateways.flatMap((gateway) => gateway.servers.flatMap(({ tls }) => tls ?? []));
    const names = new Set([
      ...servers.flatMap(({ credentialNames, caCredentialName }) => [...credentialNames, caCredentialName]),
      ...destinations.flatMap(clientTlsOf).map(({ credentialName }) => credentialName),
    ]);
    return [...credentials]
      .filter(([, { name }]) => names.has(name) || names.has(name.replace(/-cacert$/, "")))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, credential]) => credential.lifetimes.map((lifetime) => ({ ...lifetime, credential })));
  },
);

/** A warning for each that is over, has not begun, or ends within two weeks and the last third of its time. */
export function checkLifetimes(mesh: Parts, now: number): readonly Diagnostic[] {
  return lifetimesInUse(mesh).flatMap(({ credential, part, ...lifetime }) => {
    const fault = faultOf(lifetime, now);
    return fault
      ? [at(fault.code, credential.origin, `the ${part} of ${credential.name} ${fault.what}`)]
      : [];
  });
}

function faultOf(
  { from, until }: Pick<Lifetime, "from" | "until">,
  now: number,
): { readonly code: Code; readonly what: string } | undefined {
  if (now > until) return { code: "credential-expired", what: `expired at ${iso(until)}` };
  if (now < from) return { code: "credential-expired", what: `is not valid before ${iso(from)}` };
  // Whoever renews by hand needs some days; a certificate for hours is renewed at two thirds of its time.
  const warnBefore = Math.min(14 * day, (until - from) / 3);
  return until - now > warnBefore
    ? undefined
    : { code: "credential-expires-soon", what: `expires at ${iso(until)}` };
}

function iso(time: number): string {
  return Temporal.Instant.fromEpochMilliseconds(time).toString();
}
