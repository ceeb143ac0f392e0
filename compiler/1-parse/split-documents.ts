// Cuts a text at its YAML document markers, so that a quote left open in one document cannot swallow the next. A line
// that begins with `---` is a marker wherever it stands, inside quotes and flow collections too (YAML 1.2, 9.1.2).

export interface DocumentText {
  readonly text: string;
  /** Where it begins in the whole text. */
  readonly offset: number;
}

const marker = /^---(?=[ \t\r\n]|$)/gm;

/** Documents in order; those that hold nothing but comments and directives are left out. */
export function splitDocuments(text: string): readonly DocumentText[] {
  const starts = [0, ...[...text.matchAll(marker)].map(({ index }) => index)];
  return starts
    .map((offset, at) => ({ text: text.slice(offset, starts[at + 1]), offset }))
    .filter((document) => !isBlank(document.text));
}

function isBlank(text: string): boolean {
  return /^(?:---)?(?:\s*(?:[#%].*)?(?:\r?\n|$))*$/.test(text);
}
