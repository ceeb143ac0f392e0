// Follows each change from the moment a file was saved to the moment when every proxy that it concerns has acknowledged what
// it brings. In: what the control plane tells. Out: one report per change. The clock is an argument.

import { type AppliedChange, textOf } from "#runtime";
import type { ClientStatus, StatusEvent } from "#xds-server";
import { summarizeChange } from "./summary.ts";

/** A change that has reached everybody. */
export interface Landing {
  /** When the files were saved; milliseconds since 1970. */
  readonly savedAt: number;
  readonly files: readonly { readonly name: string; readonly summary: string }[];
  /** How many proxies needed something new. */
  readonly proxies: number;
  /** From the save to the last acknowledgement; to the end of the compilation when no proxy needed anything. */
  readonly tookMs: number;
  /** What proxies would not take, with the lines it comes from. */
  readonly refusals: readonly string[];
}

export interface LandingsOptions {
  /** Milliseconds since 1970. */
  now(): number;
  /** When the file was last written, if it exists. */
  savedAt(file: string): number | undefined;
  report(landing: Landing): void;
}

interface Pending {
  readonly change: AppliedChange;
  readonly savedAt: number;
  readonly proxies: number;
  readonly waiting: Set<string>;
  readonly refusals: Set<string>;
}

// A time of saving that is older than this says when the file was made elsewhere, not when it came here.
const oldestSaveMs = 2000;

export class Landings {
  readonly #options: LandingsOptions;
  /** The snapshot each connection has all of. */
  readonly #synced = new Map<string, string>();
  #pending: readonly Pending[] = [];

  constructor(options: LandingsOptions) {
    this.#options = options;
  }

  /** After the change was handed to the streams; `clients` are those connected now. */
  changed(change: AppliedChange, clients: readonly ClientStatus[]): void {
    const waiting = clients
      .filter(({ client, snapshotId }) => snapshotId !== this.#synced.get(client.connectionId))
      .map(({ client }) => client.connectionId);
    const now = this.#options.now();
    const saves = change.files.flatMap((file) => this.#options.savedAt(file) ?? []);
    const latest = Math.max(...saves);
    const savedAt = latest > now - change.tookMs - oldestSaveMs ? Math.min(latest, now) : now - change.tookMs;
    const pending: Pending = {
      change,
      savedAt,
      proxies: waiting.length,
      waiting: new Set(waiting),
      refusals: new Set(),
    };
    this.#pending = [...this.#pending, pending];
    this.#settle();
  }

  status(event: StatusEvent): void {
    switch (event.kind) {
      case "in-sync":
        this.#synced.set(event.client.connectionId, event.snapshotId);
        this.#done(event.client.connectionId);
        return;
      case "disconnected":
        this.#synced.delete(event.client.connectionId);
        this.#done(event.client.connectionId);
        return;
      case "nacked": {
        const places = event.resources.flatMap(({ origins }) => origins.map(({ position }) => position));
        const lines = [...new Set(places.map(({ file, line }) => `${file}:${line}`))];
        for (const { refusals } of this.#pending) refusals.add(`${event.message} (${lines.join(", ")})`);
        return;
      }
      default:
        return;
    }
  }

  #done(connectionId: string): void {
    for (const { waiting } of this.#pending) waiting.delete(connectionId);
    this.#settle();
  }

  #settle(): void {
    const landed = this.#pending.filter(({ waiting }) => waiting.size === 0);
    this.#pending = this.#pending.filter(({ waiting }) => waiting.size > 0);
    for (const { change, savedAt, proxies, refusals } of landed) {
      const { files, previous, world } = change;
      this.#options.report({
        savedAt,
        files: files.map((name) => ({
          name,
          summary: summarizeChange(textOf(previous, name), textOf(world, name)),
        })),
        proxies,
        tookMs: this.#options.now() - savedAt,
        refusals: [...refusals],
      });
    }
  }
}
