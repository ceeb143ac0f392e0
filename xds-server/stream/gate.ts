// When listeners and routes may go: once what they use is made, which is to say sent, answered and warm. A route table says
// which clusters it uses and waits for those alone; a listener waits for all. Sends nothing.

import type { ServedResource } from "../cache/resource.ts";
import { tableOf, typeUrls } from "../cache/resource-types.ts";
import { collectionOf } from "../cache/snapshot.ts";
import { hasChanges, type TypePlan } from "./plan.ts";
import type { SessionState } from "./session.ts";
import { isAwaitingAnswer } from "./type-state.ts";
import { isWarming, neededWarming } from "./warming.ts";

/**
 * Clusters are sent, answered and warm, so that whatever uses them may go. Other endpoints only have to be on their way:
 * what is written first is applied first, and endpoints that never come to rest must not keep routes waiting.
 */
export function isMade(state: SessionState, plans: readonly TypePlan[]): boolean {
  return (
    !isWarming(state) &&
    plans.every(({ type, diff }) => {
      if (type.typeUrl === typeUrls.cluster && isAwaitingAnswer(type)) return false;
      const makes = type.typeUrl === typeUrls.cluster || type.typeUrl === typeUrls.endpoints;
      return !makes || (!type.replyOwed && !hasChanges(diff));
    })
  );
}

/** While not everything is made: the plan with the route tables alone whose own clusters are; undefined if there are none. */
export function readyTables(
  state: SessionState,
  plans: readonly TypePlan[],
  plan: TypePlan,
): TypePlan | undefined {
  const { type, diff } = plan;
  const tables = type.typeUrl === typeUrls.routes || type.typeUrl === typeUrls.virtualHosts;
  if (!tables || type.replyOwed || diff.changed.length === 0) return undefined;
  const isReady = readyClusters(state, plans);
  const unready = diff.changed.filter(({ references }) => !references.clusters.every(isReady));
  const late = new Set(unready.map((each) => tableNamed(type, each)));
  const changed = diff.changed.filter((each) => !late.has(tableNamed(type, each)));
  if (changed.length === 0) return undefined;
  // A host may have the domain of one that is withdrawn.
  const removed = type.subscription.within ? diff.removed.filter((name) => !late.has(tableOf(name))) : [];
  return { type, diff: { ...diff, changed, absent: [], removed } };
}

function tableNamed({ typeUrl }: TypePlan["type"], { name }: ServedResource): string {
  return typeUrl === typeUrls.virtualHosts ? tableOf(name) : name;
}

/** Tells of a cluster's name that nothing about the cluster or its endpoints is on its way or still to be sent. */
function readyClusters(state: SessionState, plans: readonly TypePlan[]): (cluster: string) => boolean {
  const planOf = (typeUrl: string) => plans.find(({ type }) => type.typeUrl === typeUrl);
  const clusters = planOf(typeUrls.cluster);
  if (clusters?.type.replyOwed) return () => false;
  const { resources } = collectionOf(state.snapshot, typeUrls.cluster);
  const unmade = new Set(unsent(clusters));
  for (const response of clusters?.type.inFlight ?? []) {
    if (!response.overdue) for (const { name } of response.resources) unmade.add(name);
  }
  const cold = new Set([...neededWarming(state), ...unsent(planOf(typeUrls.endpoints))]);
  return (name) => {
    const endpoints = resources.get(name)?.references.endpoints;
    return !unmade.has(name) && (endpoints === undefined || !cold.has(endpoints));
  };
}

function unsent(plan: TypePlan | undefined): readonly string[] {
  if (!plan) return [];
  const { changed, absent, awaited } = plan.diff;
  return [...changed.map(({ name }) => name), ...awaited.map(({ name }) => name), ...absent];
}
