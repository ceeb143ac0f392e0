// The watched trees as last walked, and the looking itself. In: suspicions. Out: observations, into the ledger. Decides where to look, never
// what to believe.
import { lstat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type FolderWatch, tellsEachStep } from "./folder-watch.ts";
import type { TakenHints } from "./hints.ts";
import { inParallel } from "./in-parallel.ts";
import type { Doubt, Ledger } from "./ledger.ts";
import { readMany } from "./read-many.ts";
import { failedLook, lookAt, type Observation, readText } from "./read-text.ts";
import { Replacements } from "./replacements.ts";
import { displayName, isInside, type Root } from "./roots.ts";
import {
  danglingLink,
  type FoundFile,
  isPolicyName,
  isSkippedName,
  scanTree,
  type Tree,
} from "./scan-tree.ts";

/** With so many entries touched at once, the system's queue of notifications (16,384 for inotify) may have overflowed unnoticed. */
const trustedHints = 1000;

/** The trees of one source. */
export class LiveTree {
  readonly #roots: readonly Root[];
  readonly #watch: FolderWatch;
  readonly #ledger: Ledger;
  readonly #clock: () => number;
  readonly #replacements = new Replacements();
  #tree: Tree = { files: new Map(), folders: new Map(), pivots: new Map(), blind: [] };
  #files = new Map<string, FoundFile>();
  /** The paths by which folders were reached. */
  #walked: ReadonlySet<string> = new Set();
  #walking = false;

  constructor(roots: readonly Root[], watch: FolderWatch, ledger: Ledger, clock: () => number) {
    this.#roots = roots;
    this.#watch = watch;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Whether replacing this entry of a folder (by real path) may change which files there are. */
  isPivot(folder: string, entry: string): boolean {
    return this.#tree.pivots.get(folder)?.has(entry) ?? false;
  }

  /** Whether this entry is one that could not be looked into. */
  isBlind(folder: string, entry: string): boolean {
    const path = this.#pathOf(folder, entry);
    return this.#tree.blind.some((spot) => spot.path === path);
  }

  /** Whether anything about this entry can matter. While a walk is under way everything may. */
  isRelevant(folder: string, entry: string): boolean {
    return this.#walking || this.isPivot(folder, entry) || this.#pathOf(folder, entry) !== undefined;
  }

  /** Takes in a notification for what it says of how a file came to its place. Where to look is told by `look`. */
  note(folder: string, entry: string, event: "rename" | "change"): void {
    // Another folder may be behind the paths now.
    if (this.isPivot(folder, entry)) this.#replacements.distrust();
    if (!tellsEachStep || !isPolicyName(entry)) return;
    const path = this.#pathOf(folder, entry);
    if (path !== undefined) this.#replacements.note(path, event);
  }

  /** Whether a known file has had another moved over it, as far as notifications tell by now. Of a new one they say the same when it is created. */
  isMoved(folder: string, entry: string): boolean {
    const path = this.#pathOf(folder, entry);
    return path !== undefined && this.#ledger.has(path) && this.#replacements.isMovedTo(path);
  }

  /** Says that notifications may have been missed. */
  distrust(): void {
    this.#replacements.distrust();
  }

  /** Says that everything noted has been looked at and told. */
  settle(): void {
    this.#replacements.settle();
  }

  /** Looks at what is suspected, and again at what is in doubt. */
  async look(hints: TakenHints, doubts: readonly Doubt[]): Promise<void> {
    const suspects = new Set<string>();
    let everything = hints.everything;
    for (const [folder, entries] of hints.entries) {
      for (const entry of entries) {
        if (this.isPivot(folder, entry)) everything = true;
        const path = this.#pathOf(folder, entry);
        if (path !== undefined) suspects.add(path);
      }
    }
    for (const { path } of doubts) suspects.add(path);
    if (suspects.size > trustedHints) everything = true;
    const found = await inParallel([...suspects], (path) => this.#classify(path));
    if (everything || found.includes("structure")) await this.rescan(suspects);
    else await this.#read([...suspects].filter((_, index) => found[index] === "file"));
  }

  /** Walks everything, and reads what looks different from when it was last read, and `suspects` in any case. */
  async rescan(suspects: ReadonlySet<string>): Promise<void> {
    await this.walk();
    const paths = [...this.#tree.files.keys()];
    const doubtful = await inParallel(paths, async (path) => {
      const known = suspects.has(path) ? undefined : this.#ledger.signature(path);
      return known === undefined || (await lookAt(path)) !== known;
    });
    await this.#read(paths.filter((_, index) => doubtful[index]));
    this.#noteAbsent();
    this.#noteBlind();
  }

  /** Reads, after the first walk, whatever that found: no notification can tell of it where it came from. */
  async readAll(): Promise<void> {
    const files = [...this.#tree.files.values()];
    const seen = await readMany(files.map(({ path }) => path));
    for (const [index, file] of files.entries()) {
      const observation = seen[index];
      if (observation) this.#observe(file, observation);
    }
    this.#noteBlind();
  }

  /** Finds out which files there are, and has their folders watched from before it does. */
  async walk(): Promise<void> {
    this.#walking = true;
    this.#replacements.distrust();
    this.#tree = await scanTree(this.#roots, (folder) => this.#watch.add(folder));
    this.#walking = false;
    const { files, folders, pivots } = this.#tree;
    this.#watch.keepOnly(new Set([...folders.keys(), ...pivots.keys()]));
    this.#files = new Map(files);
    this.#walked = new Set(folders.values());
  }

  #noteBlind(): void {
    const now = this.#clock();
    for (const { path, name, message, trivial } of this.#tree.blind) {
      // Told or waiting already: a root that stays away must not hold up the rest each time.
      if (this.#ledger.signature(path) === message) continue;
      if (trivial && ![...this.#ledger.textPaths()].some((known) => isInside(path, known))) continue;
      this.#ledger.observe(path, name, { kind: "unreadable", signature: message, message }, now);
    }
  }

  /** Whatever is known and was not found is missing, unless the walk was blind there. */
  #noteAbsent(): void {
    const { files, blind } = this.#tree;
    const now = this.#clock();
    for (const [path, name] of this.#ledger.names()) {
      if (files.has(path) || blind.some((spot) => spot.path === path)) continue;
      const unseen = blind.some((spot) => isInside(spot.path, path));
      if (unseen) this.#ledger.forget(path);
      else this.#ledger.observe(path, name, { kind: "missing", signature: "missing" }, now);
    }
  }

  /** A file to read, a reason for a walk, or nothing to us. Adds files that are new to those known. */
  async #classify(path: string): Promise<"file" | "structure" | "nothing"> {
    const known = this.#files.get(path);
    try {
      const stats = await lstat(path);
      if (stats.isDirectory()) return "structure";
      if (stats.isSymbolicLink()) return known?.link ? "file" : "structure";
    } catch (error) {
      if (failedLook(error).kind === "missing") {
        if (known) return known.link || !(await exists(dirname(path))) ? "structure" : "file";
        return this.#walked.has(path) || this.#ledger.has(path) ? "structure" : "nothing";
      }
    }
    if (known) return known.link ? "structure" : "file";
    if (!isPolicyName(basename(path))) return "nothing";
    // It is there, but not by this name: its folder is walked by another path.
    if (!this.#walked.has(dirname(path))) return "structure";
    const root = this.#roots.find((one) => isInside(one.path, path));
    if (!root) return "structure";
    this.#files.set(path, { path, name: displayName(root, path), explicit: false, link: false });
    return "file";
  }

  async #read(paths: readonly string[]): Promise<void> {
    await inParallel(paths, async (path) => {
      const file = this.#files.get(path);
      if (file) this.#observe(file, await this.#readPlace(file));
    });
  }

  #observe({ path, name, link, explicit }: FoundFile, seen: Observation): void {
    const kept = seen.kind === "missing" && (link || explicit);
    const message = explicit ? "does not exist" : danglingLink;
    const observation = kept ? ({ kind: "unreadable", signature: seen.signature, message } as const) : seen;
    this.#ledger.observe(path, name, observation, this.#clock());
  }

  /** The text of a file, and whether the file was moved there, by its times or else by what was notified of. */
  async #readPlace({ path, link }: FoundFile): Promise<Observation> {
    const seen = await readText(path);
    // Of what a link leads to they tell nothing: that is in another place.
    if (seen.kind !== "text" || seen.moved || link || !this.#replacements.isMovedTo(path)) return seen;
    // Whatever was notified of before these bytes were read comes at the latest in the turn of the loop that brought the `stat` after
    // them, before it or after it.
    await setImmediate();
    return this.#replacements.isMovedTo(path) ? { ...seen, moved: true } : seen;
  }

  /** The path by which the user reaches an entry of a walked folder; undefined when it would not be looked at. */
  #pathOf(folder: string, entry: string): string | undefined {
    const path = this.#tree.folders.get(folder);
    return path === undefined || isSkippedName(entry) ? undefined : join(path, entry);
  }
}

/** Tells a file that went from one whose folder, or whole root, went with it: only a walk can judge the latter. */
async function exists(folder: string): Promise<boolean> {
  return (await lookAt(folder)) !== "missing";
}
