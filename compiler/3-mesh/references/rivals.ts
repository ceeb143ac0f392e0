// Objects that say different things of one host: services of one name, and destination policies of one reach.

import { mapItems } from "#immutable";
import type { Diagnostic } from "../../diagnostics/index.ts";
import type { DestinationPolicy, Subset } from "../../model/destination.ts";
import type { MeshService } from "../../model/service.ts";
import { destinationsByHost } from "../destinations.ts";
import type { Mesh } from "../mesh.ts";
import { preferredService } from "../order.ts";
import { at, other } from "./report.ts";

export function checkRivalServices({ servicesByHost }: Pick<Mesh, "servicesByHost">): readonly Diagnostic[] {
  return [...servicesByHost.values()].flatMap(checkServices);
}

export function checkRivalPolicies({ destinations }: Pick<Mesh, "destinations">): readonly Diagnostic[] {
  return checkGroups(destinationsByHost(destinations).lists).flat();
}

/** Within a namespace; across namespaces each client may well be meant to see its own. What counts for somebody is fine. */
function checkServices(services: readonly MeshService[]): readonly Diagnostic[] {
  return services.flatMap((service) => {
    const all = services.filter(({ namespace }) => namespace === service.namespace);
    const winners = seersOf(service).map((namespace) => preferredService(all, namespace));
    const [winner] = winners;
    if (winner === undefined || winners.includes(service)) return [];
    return [
      at(
        "conflicting-services",
        service.origin,
        `${service.hostname} is defined twice in namespace ${service.namespace}; this definition has no effect`,
        {
          ...other("the one that counts is here", winner.origin),
          help: "put all ports and endpoints into one object",
        },
      ),
    ];
  });
}

/** Namespaces that see a service: for what all see, one to which nothing else is exported is enough. */
function seersOf({ visibility }: MeshService): readonly string[] {
  return visibility.type === "public" ? [""] : visibility.names;
}

const checkGroups = mapItems(checkPolicies);

/** Subsets add up, so that teams can bring their own; what is said twice counts once. */
function checkPolicies(policies: readonly DestinationPolicy[]): readonly Diagnostic[] {
  const groups = new Map<string, DestinationPolicy[]>();
  for (const policy of policies.filter(({ clientSelector }) => clientSelector === undefined)) {
    const group = groups.get(policy.namespace);
    if (group) group.push(policy);
    else groups.set(policy.namespace, [policy]);
  }
  return [...groups.values()].flatMap((group) => [...repeatedPolicies(group), ...repeatedSubsets(group)]);
}

function repeatedPolicies(group: readonly DestinationPolicy[]): readonly Diagnostic[] {
  const [winner, ...losers] = group.filter(
    ({ policy: { portPolicies, ...sections } }) =>
      Object.keys(sections).length + Object.keys(portPolicies).length > 0,
  );
  if (winner === undefined) return [];
  return losers.map((loser) =>
    at(
      "conflicting-destination-policies",
      loser.origin,
      `another object sets the traffic policy of ${loser.host}; this one's has no effect, only its subsets count`,
      other("the one that counts is here", winner.origin),
    ),
  );
}

function repeatedSubsets(group: readonly DestinationPolicy[]): readonly Diagnostic[] {
  const first = new Map<string, Subset>();
  return group.flatMap(({ host, subsets }) =>
    subsets.flatMap((subset) => {
      const winner = first.get(subset.name);
      if (winner === undefined) {
        first.set(subset.name, subset);
        return [];
      }
      return [
        at(
          "conflicting-destination-policies",
          subset.origin,
          `subset "${subset.name}" of ${host} is defined by another object; this definition has no effect`,
          other("the one that counts is here", winner.origin),
        ),
      ];
    }),
  );
}
