// For tests: a temporary folder under watch, and the events of its source one by one. Nothing here sleeps: every wait is for an event.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecutionContext } from "ava";
import type { SourceChange, SourceProblem, SourceText } from "./source.ts";
import { type WatchFoldersOptions, watchFolders } from "./watch-folders.ts";

/** How long, in ms, an expected event may take before a test fails. */
const patience = 10_000;

/** A temporary folder, deleted after the test. */
export interface Folder {
  readonly path: string;
  /** The absolute path of an entry. */
  at(entry: string): string;
  /** Writes a file, with the folders above it. */
  write(entry: string, text: string | Uint8Array): void;
}

export function temporaryFolder(t: ExecutionContext): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "fairlead-sources-")));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  const at = (entry: string) => join(path, entry);
  const write = (entry: string, text: string | Uint8Array) => {
    mkdirSync(dirname(at(entry)), { recursive: true });
    writeFileSync(at(entry), text);
  };
  return { path, at, write };
}

/** A running source and what it told. */
export interface Probe {
  readonly initial: readonly SourceText[];
  /** The next change, in short: what was upserted as `name → text`, and what was removed. */
  change(): Promise<ChangeInShort>;
  /** The next change as it came. */
  rawChange(): Promise<SourceChange>;
  problem(): Promise<SourceProblem>;
  recovered(): Promise<string>;
  /** How many changes came and were not asked for. */
  unread(): number;
}

export interface ChangeInShort {
  readonly upserted: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
}

/** Starts watching; the source is closed after the test. */
export async function watchInTest(
  t: ExecutionContext,
  paths: readonly string[],
  options: WatchFoldersOptions = {},
): Promise<Probe> {
  const source = watchFolders(paths, options);
  const changes = queue<SourceChange>();
  const problems = queue<SourceProblem>();
  const recoveries = queue<string>();
  const initial = await source.start(changes.put, problems.put, recoveries.put);
  t.teardown(() => source.close());
  const change = async () => {
    const { upserted, removed } = await changes.take("change");
    return { upserted: Object.fromEntries(upserted.map(({ name, text }) => [name, text])), removed };
  };
  return {
    initial,
    change,
    rawChange: () => changes.take("change"),
    problem: () => problems.take("problem"),
    recovered: () => recoveries.take("recovery"),
    unread: changes.unread,
  };
}

function queue<Item>() {
  const items: Item[] = [];
  let arrived = Promise.withResolvers<void>();
  return {
    unread: () => items.length,
    put: (item: Item) => {
      items.push(item);
      arrived.resolve();
    },
    take: async (what: string): Promise<Item> => {
      const timeout = Promise.withResolvers<never>();
      const timer = setTimeout(() => timeout.reject(new Error(`no ${what} within ${patience} ms`)), patience);
      try {
        for (;;) {
          const item = items.shift();
          if (item !== undefined) return item;
          arrived = Promise.withResolvers<void>();
          await Promise.race([arrived.promise, timeout.promise]);
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
