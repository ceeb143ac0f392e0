// The field paths of an upstream kind, read from the type declarations that were generated from its CRD: the one place
// where the published package still names every field.

/** `spec.http[].match[].headers{}.exact`; fields of alternatives are united. `text` is the `.d.ts` of one kind. */
export function schemaPaths(text: string, interfaceName: string): ReadonlySet<string> {
  const start = text.indexOf(`export interface ${interfaceName} `);
  if (start === -1) throw new Error(`no interface ${interfaceName}`);
  const leaves = new Set<string>();
  const body = text.slice(text.indexOf("{", start));
  const tokens = [
    ...body
      .replaceAll(/\/\*[\s\S]*?\*\//g, " ")
      .matchAll(/"[^"]*"|[A-Za-z_][\w.]*|\[key: string\]|[{}<>|&?:;()[\],]/g),
  ].map(([one]) => one);
  let at = 0;

  /** Reads one type at `path`; true when it had fields of its own. */
  function type(path: string): void {
    let structured = false;
    for (;;) {
      const token = tokens[at];
      if (token === undefined) return;
      if (token === "{") {
        at++;
        fields(path);
        structured = true;
      } else if (token === "Array") {
        at += 2;
        type(`${path}[]`);
        at++;
        structured = true;
      } else if (token === "(") {
        at++;
        type(path);
        at++;
        structured = true;
      } else if (token === "Exclude") {
        // `Exclude<A, B>` stands for "A but not B" of a oneOf: both name fields that exist.
        at += 2;
        type(path);
        at++;
        type(path);
        at++;
        structured = true;
      } else if (token === "|" || token === "&") {
        at++;
      } else if (token === ";" || token === "," || token === ">" || token === ")" || token === "}") {
        if (!structured) leaves.add(path);
        return;
      } else {
        at++;
      }
    }
  }

  function fields(path: string): void {
    while (tokens[at] !== "}") {
      const name = tokens[at] ?? "";
      at++;
      if (tokens[at] === "?") at++;
      at++;
      if (name === "[key: string]") type(`${path}{}`);
      else type(path === "" ? name.replaceAll('"', "") : `${path}.${name.replaceAll('"', "")}`);
      if (tokens[at] === ";") at++;
    }
    at++;
  }

  at++;
  fields("");
  return leaves;
}
