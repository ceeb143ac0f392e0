// Where in a resource something differs.

/** A field, an element by what it is called, or an element by its position. */
export type DiffStep = { readonly field: string } | { readonly element: string } | { readonly index: number };

export type DiffPath = readonly DiffStep[];

/** `virtualHosts[reviews:9080].routes[0].match`. */
export function formatDiffPath(path: DiffPath): string {
  return path.map(formatStep).join("").replace(/^\./, "");
}

function formatStep(step: DiffStep): string {
  if ("field" in step) return /^[A-Za-z_]\w*$/.test(step.field) ? `.${step.field}` : `["${step.field}"]`;
  return "element" in step ? `[${step.element}]` : `[${step.index}]`;
}
