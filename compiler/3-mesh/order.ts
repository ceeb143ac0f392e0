// The total order that settles every conflict: the oldest object wins, then the one whose name comes first.

interface Dated {
  readonly created?: string;
  readonly name: string;
  readonly namespace: string;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Objects without a creation time count as equally old and as younger than any with one. */
export function compareAge(a: Dated, b: Dated): number {
  if (a.created !== b.created) {
    if (a.created === undefined) return 1;
    if (b.created === undefined) return -1;
    return compareText(a.created, b.created);
  }
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

/** A new list, oldest first. */
export function oldestFirst<T extends Dated>(items: readonly T[]): readonly T[] {
  return [...items].sort(compareAge);
}
