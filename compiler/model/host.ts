// Host names with a leading wildcard: which one covers which, and which of several is the most specific.

/** Whether `pattern` (`*`, `*.example.com`, or a name) covers every host that `host` stands for. */
export function hostCovers(pattern: string, host: string): boolean {
  if (pattern === "*") return true;
  if (!pattern.startsWith("*")) return pattern === host;
  const suffix = pattern.slice(1);
  if (host.startsWith("*")) return host.slice(1).endsWith(suffix);
  return host.length > suffix.length && host.endsWith(suffix);
}

/** Whether some name falls under both. */
export function hostsOverlap(a: string, b: string): boolean {
  return hostCovers(a, b) || hostCovers(b, a);
}

/** The narrower of two overlapping patterns: what a route host and a server host have in common. */
export function narrowerHost(a: string, b: string): string {
  return hostCovers(a, b) ? b : a;
}

/** Order for finding the most specific match first: names before wildcards, longer wildcards before shorter. */
export function compareSpecificity(a: string, b: string): number {
  const wildA = a.startsWith("*");
  const wildB = b.startsWith("*");
  if (wildA !== wildB) return wildA ? 1 : -1;
  return b.length - a.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** The most specific of the patterns that covers `host`. */
export function mostSpecificHost(patterns: Iterable<string>, host: string): string | undefined {
  let best: string | undefined;
  for (const pattern of patterns) {
    if (!hostCovers(pattern, host)) continue;
    if (best === undefined || compareSpecificity(pattern, best) < 0) best = pattern;
  }
  return best;
}
