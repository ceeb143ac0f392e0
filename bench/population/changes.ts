// Changes of one kind, one after the other: how long each takes to reach every client, and what it costs.

import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../benchmark.ts";
import type { Fleet } from "../fleet/index.ts";
import type { MeshFolder } from "../mesh-folder.ts";
import { monotonicMs } from "../monotonic.ts";
import type { PlaneUsage } from "../plane/index.ts";
import { endpointsFile, type MeshSize, newServiceFile, routeFile } from "../synthetic-mesh.ts";

export type ChangeKind = "route" | "endpoint" | "service";

export interface ChangeFigures {
  readonly kind: ChangeKind;
  readonly clients: number;
  readonly changes: number;
  /** Milliseconds from the change reaching the control plane to each client having it: clients × changes. */
  readonly toClient: readonly number[];
  /** The same from the file being saved. */
  readonly fromSave: readonly number[];
  /** Milliseconds of the control plane's CPU, per change. */
  readonly cpuMs: number;
  /** Bytes per client and change, by type URL. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** Where changes are made and where they arrive. `turn` makes each different from those before. */
export interface Scene {
  readonly folder: Pick<MeshFolder, "save">;
  readonly size: MeshSize;
  readonly plane: {
    usage(collect: boolean): Promise<Pick<PlaneUsage, "cpuMs">>;
    next(kind: "changed"): Promise<{ readonly at: number }>;
  };
  readonly fleet: Fleet;
  turn(): number;
}

/** The first ones warm up what runs for the first time, and do not count. */
const warmUps = 2;

/** At least one, however little time there is. */
export async function measureChanges(
  kind: ChangeKind,
  clients: number,
  scene: Scene,
  { changes: most, budgetMs }: Pick<BenchContext, "changes" | "budgetMs">,
): Promise<ChangeFigures> {
  const { plane, fleet } = scene;
  for (let turn = 0; turn < warmUps; turn += 1) await makeChange(kind, scene);
  await fleet.traffic();
  const before = await plane.usage(false);
  const deadline = monotonicMs() + budgetMs;
  const toClient: number[] = [];
  const fromSave: number[] = [];
  let changes = 0;
  do {
    const { savedAt, foundAt, arrivals } = await makeChange(kind, scene);
    for (const at of arrivals) {
      toClient.push(at - foundAt);
      fromSave.push(at - savedAt);
    }
    changes += 1;
  } while (changes < most && monotonicMs() < deadline);
  const after = await plane.usage(false);
  const traffic = [...(await fleet.traffic())];
  return {
    kind,
    clients,
    changes,
    toClient,
    fromSave,
    cpuMs: (after.cpuMs - before.cpuMs) / changes,
    bytes: new Map(traffic.map(([type, { bytes }]) => [type, bytes / changes / clients])),
  };
}

async function makeChange(kind: ChangeKind, { folder, size, plane, fleet, turn: next }: Scene) {
  const { mark, file } = changeOf(kind, next(), size);
  await fleet.lookFor(mark);
  const found = plane.next("changed");
  const savedAt = monotonicMs();
  await folder.save(file);
  const { at } = await found;
  const arrivals = await fleet.arrivals();
  // Answers come back, and what is left to be done after them is done, before the next change.
  await sleep(50);
  return { savedAt, foundAt: at, arrivals };
}

/** A file that says something new, and a text that is in no resource but those that it changes. */
function changeOf(kind: ChangeKind, turn: number, size: MeshSize) {
  const name = `bench-change-${1000 + turn}`;
  const address = `10.250.${turn % 100}.${100 + (turn % 97)}`;
  switch (kind) {
    case "route":
      return { mark: name, file: routeFile(turn % size.routeSets, size, 20 + (turn % 60), name) };
    case "endpoint": {
      const service = size.services - 1 - (turn % Math.min(100, size.services));
      return { mark: address, file: endpointsFile(service, size, address) };
    }
    case "service":
      return { mark: name, file: newServiceFile(name, address) };
  }
}
