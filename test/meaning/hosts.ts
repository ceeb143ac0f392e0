// Host names and patterns, and which of those that cover a host is the most specific.

/** `*.a.example` covers what ends in `.a.example`, be it another such pattern. */
export function covers(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith("*") && host.endsWith(pattern.slice(1)));
}

/** The host itself, or the longest pattern that covers it; undefined where nothing does. */
export function mostSpecific(patterns: readonly string[], host: string): string | undefined {
  const [best] = patterns
    .filter((pattern) => covers(pattern, host))
    .sort((a, b) => Number(a.startsWith("*")) - Number(b.startsWith("*")) || b.length - a.length);
  return best;
}

/** Those for the most specific host that covers this one. */
export function closest<T extends { readonly host: string }>(all: readonly T[], host: string): readonly T[] {
  const best = mostSpecific(
    all.map((each) => each.host),
    host,
  );
  return all.filter((each) => each.host === best);
}
