// What is wrong with a message, and where in it: the value that all checks here produce.

import type { MessageTypes } from "@envoyproxy/protos-ts/files";

/** Field names as in Envoy's API (`virtual_hosts`), list indices, map keys. A packed message adds no step. */
export type FieldPath = readonly (string | number)[];

export interface Violation {
  readonly path: FieldPath;
  /** `must be at least 1`: reads on after the path. */
  readonly message: string;
}

/** `virtual_hosts[3].domains[0]`; empty for the message itself. */
export function formatPath(path: FieldPath): string {
  let text = "";
  for (const step of path) text += typeof step === "number" ? `[${step}]` : text === "" ? step : `.${step}`;
  return text;
}

/** Collects violations while a message is walked; knows where the walk is. */
export class Walk {
  readonly types: MessageTypes;
  readonly violations: Violation[] = [];
  readonly #path: (string | number)[] = [];

  constructor(types: MessageTypes) {
    this.types = types;
  }

  get isAtRoot(): boolean {
    return this.#path.length === 0;
  }

  enter(step: string | number): void {
    this.#path.push(step);
  }

  leave(): void {
    this.#path.pop();
  }

  /** `steps` lead on from the message that is being checked. */
  report(message: string, ...steps: readonly (string | number)[]): void {
    this.violations.push({ path: [...this.#path, ...steps], message });
  }
}
