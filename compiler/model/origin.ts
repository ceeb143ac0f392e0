// Where a thing came from: one object in one file, at one place. Everything the compiler makes carries these.

/** A place in a policy file. `line` and `column` count from 1; `length` is in characters on that line. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** The policy object behind a value, and the place in it. `namespace` is empty for cluster-scoped objects. */
export interface Origin {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly position: Position;
}
