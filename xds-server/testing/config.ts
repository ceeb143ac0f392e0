// A configuration port for tests: serves worlds, records what happened, and lets tests wait for it.

import type { Snapshot } from "../cache/snapshot.ts";
import type { ConfigPort, StatusEvent, StreamRefusal, XdsClient } from "../grpc/port.ts";
import { snapshotOf, type World } from "./resources.ts";

export interface TestConfig extends ConfigPort {
  /** The configuration of every client becomes this. */
  become(world: World): void;
  /** The same, with resources of the caller's own. */
  becomeSnapshot(snapshot: Snapshot): void;
  /** There is no configuration to be had for anybody after all. */
  endAll(why: StreamRefusal): void;
  readonly events: readonly StatusEvent[];
  /** The first event of that kind for which the condition holds, past or to come. */
  event<K extends StatusEvent["kind"]>(
    kind: K,
    matches?: (event: Extract<StatusEvent, { kind: K }>) => boolean,
  ): Promise<Extract<StatusEvent, { kind: K }>>;
  /** How many streams are connected to it. */
  readonly connected: number;
  isReady: boolean;
  refusal: StreamRefusal | undefined;
}

/** A port that is ready, and has a configuration once it is given one. */
export function createTestConfig(world?: World): TestConfig {
  let current: Snapshot | undefined = world && snapshotOf(world);
  const updates = new Set<(snapshot: Snapshot) => void>();
  const ends = new Set<(why: StreamRefusal) => void>();
  const events: StatusEvent[] = [];
  const watchers = new Set<(event: StatusEvent) => void>();
  return {
    events,
    isReady: true,
    refusal: undefined,
    get connected() {
      return updates.size;
    },
    become(next) {
      this.becomeSnapshot(snapshotOf(next, current));
    },
    becomeSnapshot(snapshot) {
      current = snapshot;
      for (const update of updates) update(snapshot);
    },
    connect(_client: XdsClient, update, end) {
      if (this.refusal) return { refuse: this.refusal };
      updates.add(update);
      ends.add(end);
      if (current) update(current);
      return {
        disconnect: () => {
          updates.delete(update);
          ends.delete(end);
        },
      };
    },
    endAll(why) {
      for (const end of ends) end(why);
    },
    onStatus(event) {
      events.push(event);
      for (const watcher of watchers) watcher(event);
    },
    ready() {
      return this.isReady;
    },
    event(kind, matches = () => true) {
      type Wanted = Extract<StatusEvent, { kind: typeof kind }>;
      const isIt = (event: StatusEvent): event is Wanted => event.kind === kind && matches(event as Wanted);
      const past = events.find(isIt);
      if (past) return Promise.resolve(past);
      return new Promise((done) => {
        const watcher = (event: StatusEvent) => {
          if (!isIt(event)) return;
          watchers.delete(watcher);
          done(event);
        };
        watchers.add(watcher);
      });
    },
  };
}
