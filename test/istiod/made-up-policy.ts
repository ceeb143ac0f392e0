// Worlds made up at random: one small mesh, and policy of every kind for it. In: a seed. Out: objects, and worlds of them.

import fc from "fast-check";
import { type JsonObject, textOf } from "./json.ts";
import { list } from "./made-up/arbitraries.ts";
import { delegates } from "./made-up/delegates.ts";
import { gateways, secretsText } from "./made-up/gateways.ts";
import { meshText, proxies } from "./made-up/mesh.ts";
import { rivalEntries, serviceEntries, workloadEntries } from "./made-up/outside.ts";
import { virtualServices } from "./made-up/routes.ts";
import { sidecars } from "./made-up/scopes.ts";
import { authorizationPolicies, peerAuthentications } from "./made-up/security.ts";
import { services } from "./made-up/services.ts";
import { meshSettings, settingsAmong } from "./made-up/settings.ts";
import { destinationRules } from "./made-up/traffic.ts";
import type { World } from "./worlds.ts";

export interface Wish {
  readonly seed: number;
  readonly worlds: number;
  /** Kinds to keep; all when absent. */
  readonly kinds?: readonly string[] | undefined;
  /** Whether ServiceEntries may claim the same hosts and addresses. */
  readonly rivals: boolean;
}

/** The same wish gives the same policies, and more worlds have the same beginning. */
export function makeUpPolicies({ seed, worlds, kinds, rivals }: Wish): readonly (readonly JsonObject[])[] {
  const policies = fc.tuple(
    list(gateways, 1, 1),
    virtualServices,
    destinationRules,
    rivals ? rivalEntries : serviceEntries,
    list(workloadEntries, 0, 1),
    list(peerAuthentications, 0, 2),
    list(authorizationPolicies, 0, 2),
    list(sidecars, 0, 1),
    meshSettings,
    services,
    delegates,
  );
  return fc.sample(policies, { seed, numRuns: worlds }).map((made) =>
    made
      .flat()
      .filter(({ kind }) => !kinds || kinds.includes(textOf(kind)))
      .map(named),
  );
}

function named(object: JsonObject, index: number): JsonObject {
  // In the order of their ages, which is what counts without times.
  return {
    ...object,
    metadata: { name: `o-${String(index).padStart(2, "0")}`, ...(object.metadata as JsonObject) },
  };
}

/** `meshConfig`: instead of settings among the objects. */
export function worldOf(name: string, objects: readonly JsonObject[], meshConfig?: string): World {
  const { policy, settings } = settingsAmong(objects);
  const text = `${meshText}---\n${secretsText}---\n${policyText(policy)}`;
  return { name, text, meshConfig: meshConfig ?? settings, proxies };
}

/** JSON is YAML, and an object is one line of it. */
export function policyText(objects: readonly JsonObject[]): string {
  return `${objects.map((each) => JSON.stringify(each)).join("\n---\n")}\n`;
}
