// Folders as a living source: joins the watch, the walk, the reading and the ledger. In: paths. Out: changes, each whole and each once.
// Notifications say where to look, and which files were moved into their places; what is told is always what was read.
import { setTimeout } from "node:timers/promises";
import { FolderWatch } from "./folder-watch.ts";
import { findGitLocks, isGitAtWork } from "./git-lock.ts";
import { Hints } from "./hints.ts";
import { type Doubt, Ledger } from "./ledger.ts";
import { LiveTree } from "./live-tree.ts";
import { type Root, toRoots } from "./roots.ts";
import { isPolicyName } from "./scan-tree.ts";
import { shortestQuiet } from "./settling.ts";
import type { Source, SourceChange, SourceProblem, SourceText } from "./source.ts";

export interface WatchFoldersOptions {
  /** How often, in ms, everything is looked at although no notification came. Default 30,000; shorter where notifications do not work (NFS). */
  readonly pollInterval?: number;
}

/**
 * Watches folders and single files; see `readFolders` for which files count. A save is told within about 10 ms of the system's
 * notification; `settling.ts` has the numbers. While a root does not exist its texts stay and it is a problem; anything below a root
 * that is deleted is removed.
 */
export function watchFolders(paths: readonly string[], options: WatchFoldersOptions = {}): Source {
  return new WatchedFolders(paths, options.pollInterval ?? 30_000);
}

type Callbacks = {
  readonly onChange: (change: SourceChange) => void;
  readonly onProblem: (problem: SourceProblem) => void;
  readonly onRecovered: (name: string) => void;
};

class WatchedFolders implements Source {
  readonly #pollInterval: number;
  readonly #ledger = new Ledger();
  readonly #hints = new Hints();
  readonly #watch: FolderWatch;
  readonly #tree: LiveTree;
  readonly #roots: readonly Root[];
  readonly #refusals = new Set<string>();
  /** Of folders that were refused before anybody listened. */
  readonly #unsaid: SourceProblem[] = [];
  #gitLocks: readonly string[] = [];
  #callbacks: Callbacks | undefined;
  #firstLook: Promise<void> | undefined;
  #loop: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;
  #started = false;
  #closed = false;
  #nudge = () => {};

  constructor(paths: readonly string[], pollInterval: number) {
    this.#roots = toRoots(paths);
    this.#pollInterval = pollInterval;
    this.#watch = new FolderWatch({
      hint: (folder, entry, event) => this.#onHint(folder, entry, event),
      lost: () => this.#lookEverywhere(),
      refused: (folder, code) => this.#onRefused(folder, code),
    });
    this.#tree = new LiveTree(this.#roots, this.#watch, this.#ledger, clock);
  }

  begin(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#firstLook ??= this.#lookFirst(resolve);
    this.#firstLook.then(resolve, resolve);
    return promise;
  }

  async start(
    onChange: Callbacks["onChange"],
    onProblem: Callbacks["onProblem"],
    onRecovered: Callbacks["onRecovered"] = () => {},
  ): Promise<readonly SourceText[]> {
    if (this.#callbacks) throw new Error("a source can be started once");
    this.#callbacks = { onChange, onProblem, onRecovered };
    for (const problem of this.#unsaid) onProblem(problem);
    this.#firstLook ??= this.#lookFirst();
    await this.#firstLook;
    if (this.#closed) return [];
    const unfinished = this.#ledger.doubtful(clock()).filter((doubt) => doubt.kind === "moving");
    const { change, problems } = this.#ledger.commit(new Set(unfinished.map((doubt) => doubt.path)));
    for (const problem of problems) onProblem(problem);
    this.#poll = setInterval(() => this.#lookEverywhere(), this.#pollInterval);
    this.#poll.unref();
    this.#started = true;
    this.#wake();
    return change?.upserted ?? [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    this.#watch.close();
    this.#nudge();
    await this.#loop;
  }

  async #lookFirst(onWalked = () => {}): Promise<void> {
    this.#gitLocks = await findGitLocks(this.#roots.map((root) => root.path));
    await this.#tree.walk();
    const read = this.#tree.readAll();
    onWalked();
    await read;
  }

  #onHint(folder: string, entry: string, event: "rename" | "change"): void {
    this.#tree.note(folder, entry, event);
    const restless = isPolicyName(entry) || this.#tree.isPivot(folder, entry);
    if (!restless && event === "change" && !this.#tree.isBlind(folder, entry)) return;
    if (!this.#tree.isRelevant(folder, entry)) return;
    const file = this.#tree.isMoved(folder, entry) ? "moved" : "written";
    this.#hints.note(folder, entry, restless ? file : "beside", clock());
    this.#wake();
  }

  #lookEverywhere(): void {
    this.#tree.distrust();
    this.#hints.noteEverything(clock());
    this.#wake();
  }

  #onRefused(folder: string, code: string): void {
    if (this.#refusals.has(code) || this.#closed) return;
    this.#refusals.add(code);
    const seconds = this.#pollInterval / 1000;
    const remedy = code === "ENOSPC" ? "; raise fs.inotify.max_user_watches" : "";
    const message = `cannot be watched (${code}): changes are seen only every ${seconds} s${remedy}`;
    const problem = { name: folder, message };
    if (this.#callbacks) this.#callbacks.onProblem(problem);
    else this.#unsaid.push(problem);
  }

  #wake(): void {
    this.#nudge();
    if (this.#loop || !this.#started || this.#closed) return;
    this.#loop = this.#settle().then(() => {
      this.#loop = undefined;
      if (this.#hints.pending) this.#wake();
    });
  }

  /** Until nothing is suspected and nothing waits: be quiet, look, look again at what is in doubt, tell. */
  async #settle(): Promise<void> {
    let doubts: readonly Doubt[] = [];
    while (this.#hints.pending || this.#ledger.waiting > 0) {
      await this.#untilQuiet();
      if (this.#closed) return;
      await this.#tree.look(this.#hints.take(), doubts);
      const now = clock();
      doubts = this.#ledger.doubtful(now);
      if (!this.#hints.overdue(now)) {
        if (this.#hints.pending) continue;
        if (doubts.length > 0) {
          await this.#pause(Math.min(...doubts.map((doubt) => doubt.due)) - now);
          continue;
        }
      }
      if (this.#closed) return;
      this.#tell(doubts, now);
    }
    this.#tree.settle();
  }

  async #untilQuiet(): Promise<void> {
    for (;;) {
      const wait = this.#hints.restlessFor(this.#ledger.waiting, clock());
      if (this.#closed) return;
      if (wait > 0) await setTimeout(wait);
      else if (await isGitAtWork(this.#gitLocks, Date.now())) await setTimeout(shortestQuiet);
      else return;
    }
  }

  /** Sleeps, until the next notification at most. */
  async #pause(wait: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#nudge = resolve;
    const timer = globalThis.setTimeout(resolve, Math.max(1, wait));
    await promise;
    clearTimeout(timer);
  }

  #tell(doubts: readonly Doubt[], now: number): void {
    const { change, problems, recovered } = this.#ledger.commit(new Set(doubts.map((doubt) => doubt.path)));
    const noticedAt = this.#hints.since ?? now;
    this.#hints.told(doubts.length > 0, now);
    for (const problem of problems) this.#callbacks?.onProblem(problem);
    for (const name of recovered) this.#callbacks?.onRecovered(name);
    if (change) this.#callbacks?.onChange({ ...change, noticedAt, readAt: now });
  }
}

/** Milliseconds since the Unix epoch, with fractions, and never going back. */
function clock(): number {
  return performance.timeOrigin + performance.now();
}
