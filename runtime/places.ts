// Origins as the places that people open in an editor.

import type { Origin } from "#xds-server";

/** `reviews.yaml:12`, each once, in the order in which they are met. */
export function placesOf(origins: readonly Origin[]): readonly string[] {
  return [...new Set(origins.map(({ position }) => `${position.file}:${position.line}`))];
}

/** `VirtualService default/reviews reviews.yaml:12`, each once; a cluster-scoped object has no namespace. */
export function objectsOf(origins: readonly Origin[]): readonly string[] {
  const lines = origins.map(({ kind, namespace, name, position }) => {
    const object = namespace === "" ? name : `${namespace}/${name}`;
    return `${kind} ${object} ${position.file}:${position.line}`;
  });
  return [...new Set(lines)];
}

const shown = 5;

/** The first five of a list and `and 7 more`: a log line is for reading. */
export function shorten(items: readonly string[]): readonly string[] {
  return items.length <= shown ? items : [...items.slice(0, shown), `and ${items.length - shown} more`];
}
