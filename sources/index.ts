// Where policy comes from. In: paths. Out: named texts, their changes and removals. Refuses to know what a text means.

export { type ReadFoldersResult, readFolders } from "./read-folders.ts";
export type { Source, SourceChange, SourceProblem, SourceText } from "./source.ts";
export { type WatchFoldersOptions, watchFolders } from "./watch-folders.ts";
