// The system's notifications for a set of folders, one `fs.watch` each. In: folders. Out: "something happened to this entry", which may
// be late, doubled or about an entry that matters to nobody. Refuses to know files.
//
// chokidar would sit here. It was measured against this (10,000 files, Linux): a rename-save was seen after 5.6 ms (29 ms at worst)
// against 0.6 ms, the end of a write in two parts after 46 ms against 0.1 ms because it throttles changes to one file to one in 50 ms,
// and it decides for itself what is a change, from file times, where we compare content.
import { type FSWatcher, watch } from "node:fs";
import { basename } from "node:path";

/** What a folder's watch says. */
export interface FolderWatchEvents {
  /** An entry of the folder was created, removed or replaced (`rename`), or written to (`change`). */
  hint(folder: string, entry: string, event: "rename" | "change"): void;
  /** The folder itself was moved, deleted or lost its watch: it must be watched anew if it still exists. */
  lost(folder: string): void;
  /** The folder cannot be watched: `code` is the system's, such as ENOSPC for the limit of inotify watches. */
  refused(folder: string, code: string): void;
}

/**
 * Whether a removal and a creation are always two notifications, in order, as with inotify, which makes one of several only where they are
 * equal. Other systems may sum up.
 */
export const tellsEachStep = process.platform === "linux";

/** A changing set of watched folders. */
export class FolderWatch {
  readonly #events: FolderWatchEvents;
  readonly #watchers = new Map<string, FSWatcher>();
  #closed = false;

  constructor(events: FolderWatchEvents) {
    this.#events = events;
  }

  /** Watches a folder, by its real path. Does nothing when it is watched already, does not exist, or after `close`. */
  add(folder: string): void {
    if (this.#closed || this.#watchers.has(folder)) return;
    let watcher: FSWatcher;
    try {
      watcher = watch(folder);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      if (code !== "ENOENT") this.#events.refused(folder, code);
      return;
    }
    this.#watchers.set(folder, watcher);
    watcher.on("change", (event, entry) => {
      if (this.#watchers.get(folder) !== watcher) return;
      // inotify tells a folder's own move or deletion as a rename of its own name, and the watch then follows the old folder. A child of
      // that name looks the same and costs a watch placed anew.
      if (entry === null || (event === "rename" && entry === basename(folder))) this.#lose(folder, watcher);
      else this.#events.hint(folder, String(entry), event === "rename" ? "rename" : "change");
    });
    watcher.on("error", () => this.#lose(folder, watcher));
  }

  /** Forgets every folder not in `folders`. */
  keepOnly(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      this.#watchers.delete(folder);
      watcher.close();
    }
  }

  /** Ends all watches, for good. */
  close(): void {
    this.#closed = true;
    this.keepOnly(new Set());
  }

  #lose(folder: string, watcher: FSWatcher): void {
    if (this.#watchers.get(folder) !== watcher) return;
    this.#watchers.delete(folder);
    watcher.close();
    this.#events.lost(folder);
  }
}
