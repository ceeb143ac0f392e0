// `exportTo` as Istio's reference says it: `*` is every namespace, `.` its own, `~` none. In: an object and a namespace.

export interface Exported {
  readonly namespace: string;
  /** Absent: `*`, or what the mesh says. */
  readonly exportTo?: readonly string[];
}

export function isSeenFrom(client: string, { exportTo = ["*"], namespace }: Exported): boolean {
  return exportTo.some((each) => each === "*" || (each === "." ? namespace : each) === client);
}

/** With istiod, what a namespace has for itself comes before what is meant for some, and that before what everybody has. */
export function openness({ namespace, exportTo = ["*"] }: Exported, client: string): number {
  return exportTo.includes("*") ? 2 : namespace === client ? 0 : 1;
}
