// What was last told of each path, and what has been seen since. In: observations with their times. Out: the change to tell, once each
// observation in it is believed. Pure: reads no file and no clock.
import type { Observation } from "./read-text.ts";
import { byCodeUnit } from "./roots.ts";
import { doubtOf, endsOtherwise, type KnownText, summarize } from "./settling.ts";
import type { SourceChange, SourceProblem, SourceText } from "./source.ts";

interface Held {
  readonly name: string;
  readonly observation: Observation;
  /** When it was first seen like this, in ms. */
  readonly since: number;
}

/** An observation that may be of half a change. */
export interface Doubt {
  readonly path: string;
  readonly kind: Observation["kind"];
  /** When it is believed if it stays as it is, in ms. */
  readonly due: number;
}

/** What one commit has to tell. */
export interface Commit {
  /** Undefined when no text is different. */
  readonly change: Pick<SourceChange, "upserted" | "removed"> | undefined;
  readonly problems: readonly SourceProblem[];
  /** Names of problems that are over. */
  readonly recovered: readonly string[];
}

/** The memory of one source. */
export class Ledger {
  readonly #known = new Map<string, KnownText & { readonly name: string }>();
  readonly #faults = new Map<string, SourceProblem>();
  readonly #signatures = new Map<string, string>();
  readonly #held = new Map<string, Held>();

  /** How many observations wait. */
  get waiting(): number {
    return this.#held.size;
  }

  /** Every path of which anything is known, told or waiting, with its name. */
  names(): ReadonlyMap<string, string> {
    return new Map([...this.#known, ...this.#faults, ...this.#held].map(([path, { name }]) => [path, name]));
  }

  /** Whether a text, a problem or a waiting observation is at this path. */
  has(path: string): boolean {
    return this.#known.has(path) || this.#faults.has(path) || this.#held.has(path);
  }

  /** Paths whose texts were told. */
  textPaths(): IterableIterator<string> {
    return this.#known.keys();
  }

  /** The signature of the newest observation, or undefined. */
  signature(path: string): string | undefined {
    return this.#held.get(path)?.observation.signature ?? this.#signatures.get(path);
  }

  /** Takes in what was seen. Seen again unchanged, it keeps its age. */
  observe(path: string, name: string, observation: Observation, now: number): void {
    const held = this.#held.get(path);
    const same =
      held?.observation.kind === observation.kind && held.observation.signature === observation.signature;
    this.#held.set(path, { name, observation, since: same ? held.since : now });
  }

  /** Drops what waits at a path: nothing can be said of it at present. */
  forget(path: string): void {
    this.#held.delete(path);
  }

  /** Waiting observations that are not believed yet at `now`. */
  doubtful(now: number): readonly Doubt[] {
    const doubtful: Doubt[] = [];
    for (const [path, { observation, since }] of this.#held) {
      const due = since + doubtOf(observation, this.#known.get(path));
      if (due > now || observation.kind === "moving") doubtful.push({ path, kind: observation.kind, due });
    }
    return doubtful;
  }

  /**
   * Makes what is waiting known, except the paths in `but`, and says what that changes. A file that has become empty says nothing
   * new: more often than not its disk is full or its writer was killed, and who wants to withdraw what it says deletes it. Nor does
   * one that may have been cut short on a full disk. What it said is only known to who has read it: at the start it counts as it is.
   */
  commit(but: ReadonlySet<string>): Commit {
    const upserted: SourceText[] = [];
    const removed: string[] = [];
    const problems: SourceProblem[] = [];
    const recovered: string[] = [];
    for (const [path, { name, observation }] of this.#held) {
      if (but.has(path)) continue;
      this.#held.delete(path);
      this.#signatures.set(path, observation.signature);
      const fault = this.#faults.get(path);
      const message = faultOf(observation, this.#known.get(path));
      if (message !== undefined) {
        if (fault?.message !== message) {
          const problem = { name, message };
          this.#faults.set(path, problem);
          problems.push(problem);
        }
        continue;
      }
      switch (observation.kind) {
        case "moving":
        case "unreadable":
          break;
        case "missing":
          this.#signatures.delete(path);
          if (this.#known.delete(path)) removed.push(name);
          break;
        case "text":
          if (this.#known.get(path)?.hash !== observation.hash)
            upserted.push({ name, text: observation.text, hash: observation.hash });
          // Also of a text that is known: it may be in another file now.
          this.#known.set(path, { name, ...summarize(observation) });
      }
      if (fault && this.#faults.delete(path)) recovered.push(fault.name);
    }
    const different = upserted.length > 0 || removed.length > 0;
    const change = { upserted: upserted.sort(byName), removed: removed.sort(byCodeUnit) };
    return {
      change: different ? change : undefined,
      problems: problems.sort(byName),
      recovered: recovered.sort(byCodeUnit),
    };
  }
}

/** Why an observation is a problem and no news; undefined when it is news. */
function faultOf(observation: Observation, known: KnownText | undefined): string | undefined {
  if (observation.kind === "unreadable") return observation.message;
  if (observation.kind !== "text" || !known || known.length === 0) return undefined;
  const stays = "what it said before stays in force until it is written again or deleted";
  if (observation.text === "") return `is empty: ${stays}`;
  if (observation.mayBeCut && endsOtherwise(observation, known))
    return `is cut short, as it seems, and its disk is full: ${stays}`;
  return undefined;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return byCodeUnit(a.name, b.name);
}
