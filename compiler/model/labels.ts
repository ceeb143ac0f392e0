// Labels, selectors, visibility and locality: the small vocabulary that most kinds share.

export type Labels = Readonly<Record<string, string>>;

/** What stands under a key that somebody chose: `constructor` is one like any other, and every object inherits one of its own. */
export function valueAt<V>(record: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Whether every pair of the selector is among the labels. An empty selector selects everything. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** Who may see an object (`exportTo`): everyone, or the namespaces listed (none: nobody). */
export type Visibility =
  | { readonly type: "public" }
  | { readonly type: "namespaces"; readonly names: readonly string[] };

export const everyone: Visibility = { type: "public" };

export function isVisible(visibility: Visibility, namespace: string): boolean {
  return visibility.type === "public" || visibility.names.includes(namespace);
}

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}
