// What one process of the cold-compile benchmark prints.

export interface ColdCompile {
  /** Milliseconds by stage, in the order in which they ran. */
  readonly stages: Readonly<Record<string, number>>;
  readonly totalMs: number;
  readonly sidecars: number;
  /** Over all sidecars; resources shared between them count once. */
  readonly distinctResources: number;
  readonly encodedBytes: number;
  /** The most memory that the process had, in bytes. */
  readonly peakBytes: number;
}
