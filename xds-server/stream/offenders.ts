// In: the text of a NACK and the names of the resources in the refused response. Out: those that the text names. Envoy
// says "Error adding/updating cluster(s) NAME: reason, NAME: reason" for clusters and listeners, and for other types
// sometimes a name and sometimes none. Knows only text.

const partOfName = /[\p{L}\p{N}_|/-]/u;

/** The names that stand in the text as whole words, in the order given. */
export function namedIn(message: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== "" && standsIn(message, name));
}

function standsIn(message: string, name: string): boolean {
  for (let at = message.indexOf(name); at !== -1; at = message.indexOf(name, at + 1)) {
    if (
      isBoundary(message[at - 1], message[at - 2]) &&
      isBoundary(message[at + name.length], message[at + name.length + 1])
    ) {
      return true;
    }
  }
  return false;
}

/** A dot or colon belongs to a name only when the name goes on after it. */
function isBoundary(next: string | undefined, afterNext: string | undefined): boolean {
  if (next === undefined) return true;
  if (next === "." || next === ":") return afterNext === undefined || !partOfName.test(afterNext);
  return !partOfName.test(next);
}
