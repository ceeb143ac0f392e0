// What an operator has to put right before there is a certificate authority. Out: values with a place and a way on.

/** The closed list of what can be wrong with key material. */
export type AuthorityProblemCode =
  | "missing"
  | "unreadable"
  | "malformed"
  | "weak-key"
  | "key-mismatch"
  | "not-a-ca"
  | "no-path-to-root"
  | "expired"
  | "exposed"
  | "unsupported";

/** One problem. `where` is a file, or a Secret and its key; nothing in it is secret. */
export interface AuthorityProblem {
  readonly code: AuthorityProblemCode;
  readonly where: string;
  readonly message: string;
  /** What to do. */
  readonly help: string;
}

/** One line for a terminal or a log. */
export function renderAuthorityProblem({ where, message, help }: AuthorityProblem): string {
  return `${where}: ${message}. ${help}`;
}
