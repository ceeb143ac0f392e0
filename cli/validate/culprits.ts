// Envoy stops at the first thing it refuses and seldom says which resource it is in. In: a proxy's resources and a way to
// ask. Out: every resource that Envoy refuses, found by halving.

import { create } from "@bufbuild/protobuf";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { type EmittedResource, type ResourceType, resourceJson, resourceType } from "#compiler";

export interface Culprit {
  /** What Envoy says against it. */
  readonly message: string;
  readonly type: ResourceType | "configuration";
  /** Absent when Envoy refuses the whole and none of its parts. */
  readonly resource?: EmittedResource;
}

/** Envoy's complaint about a set of resources; undefined when it takes them. */
export type Judge = (resources: readonly EmittedResource[]) => Promise<string | undefined>;

/** Those found before are not asked about again; new ones are added to `known`. */
export async function findCulprits(
  resources: readonly EmittedResource[],
  judge: Judge,
  known: Culprit[],
): Promise<readonly Culprit[]> {
  const found = known.filter(({ resource }) => resource && resources.includes(resource));
  const guilty = (resource: EmittedResource) => found.some((culprit) => culprit.resource === resource);
  const judged = (): readonly EmittedResource[] =>
    resources.flatMap((each) => (guilty(each) ? standIn(each) : [each]));
  const complaint = await judge(judged());
  if (complaint === undefined) return found;
  const before = found.length;
  const note = (culprit: Culprit): void => {
    known.push(culprit);
    found.push(culprit);
  };

  const rest = resources.filter((each) => !["clusters", "listeners"].includes(resourceType(each)));
  const clusters = resources.filter((each) => resourceType(each) === "clusters" && !guilty(each));
  await halve(
    clusters,
    (some) => judge([...some, ...rest]),
    (resource, message) => note({ message, type: "clusters", resource }),
  );
  const listeners = resources.filter((each) => resourceType(each) === "listeners" && !guilty(each));
  // A route may only name clusters that are there, so that all of them go with every listener.
  const around = () => judged().filter((each) => resourceType(each) !== "listeners");
  const refused: { readonly resource: EmittedResource; readonly message: string }[] = [];
  await halve(
    listeners,
    (some) => judge([...around(), ...some]),
    (resource, message) => refused.push({ resource, message }),
  );
  for (const { resource, message } of refused) {
    const table = await guiltyTable(resource, around(), judge);
    if (!table) note({ message, type: "listeners", resource });
    else if (!guilty(table)) note({ message, type: "routes", resource: table });
  }
  if (found.length === before) note({ message: complaint, type: "configuration" });
  return found;
}

/** Calls `report` for each item that is refused by itself. */
async function halve(
  items: readonly EmittedResource[],
  judge: Judge,
  report: (item: EmittedResource, message: string) => void,
): Promise<void> {
  const [first] = items;
  if (!first) return;
  const message = await judge(items);
  if (message === undefined) return;
  if (items.length === 1) return report(first, message);
  const middle = Math.ceil(items.length / 2);
  await halve(items.slice(0, middle), judge, report);
  await halve(items.slice(middle), judge, report);
}

/** The route table without which Envoy takes the listener. */
async function guiltyTable(
  listener: EmittedResource,
  around: readonly EmittedResource[],
  judge: Judge,
): Promise<EmittedResource | undefined> {
  const text = JSON.stringify(resourceJson(listener));
  const tables = around.filter(
    (each) =>
      resourceType(each) === "routes" && text.includes(`"routeConfigName":${JSON.stringify(each.name)}`),
  );
  for (const table of tables) {
    const without = around.filter((each) => each !== table);
    if ((await judge([...without, listener])) === undefined) return table;
  }
  return undefined;
}

/** Routes may go on naming a refused cluster; a refused listener or table is left out. */
function standIn(resource: EmittedResource): readonly EmittedResource[] {
  if (resourceType(resource) !== "clusters") return [];
  const { name } = resource;
  return [{ ...resource, schema: ClusterSchema, message: create(ClusterSchema, { name }) }];
}
