// The order of named things in output: by name, in code units, so that it depends on no locale.

/** For `Array.prototype.toSorted`; equal names keep the order they had. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
