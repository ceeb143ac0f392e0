// What a test says to the mesh that runs in a namespace, and what it hears from it.

export interface LiveOrder {
  /** `history`: a repository of golden cases; `steps`: small edits of one mesh; `mutations`: files as a tired person saves them. */
  readonly story: "history" | "steps" | "mutations";
  /** One story each, one after the other over the same Envoys. */
  readonly seeds: readonly number[];
  /** Whether the Envoys discover virtual hosts. */
  readonly tables: "parts" | "whole";
  /** Changes come before the ones before have arrived, and the control plane ends and starts among them. */
  readonly disturbed: boolean;
}

export interface LiveReport {
  readonly changes: number;
  readonly nacks: readonly string[];
  /** With seed and change, where an Envoy ran with something else than it should. */
  readonly faults: readonly string[];
}
