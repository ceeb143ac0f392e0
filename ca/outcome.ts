// A result that is either a value or a problem, as plain data. It knows neither certificates nor who reads it.

/** Either what was asked for, or why not. What a user or a peer did wrong is always returned this way, never thrown. */
export type Outcome<T, P> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: P };

/** The good outcome. */
export function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** The other one. */
export function refuse<P>(problem: P): { readonly ok: false; readonly problem: P } {
  return { ok: false, problem };
}
