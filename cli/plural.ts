// Counted things in sentences. Apart from everything else, so that what needs no compiler does not load it.

/** `1 file`, `2 files`; nouns that end in `y` become `ies`. */
export function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${/[^aeo]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}
