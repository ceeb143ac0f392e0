// What Istio's StringMatch says of a text.

export type TextMatch =
  | { readonly exact: string }
  | { readonly prefix: string }
  | { readonly regex: string }
  /** Of a header or parameter: it is there. */
  | Readonly<Record<string, never>>;

/** `text` is undefined for a header or parameter that is not there. */
export function fits(match: TextMatch, text: string | undefined, ignoreCase = false): boolean {
  if (text === undefined) return false;
  const fold = (each: string) => (ignoreCase ? each.toLowerCase() : each);
  if ("exact" in match) return fold(text) === fold(match.exact ?? "");
  if ("prefix" in match) return fold(text).startsWith(fold(match.prefix ?? ""));
  if ("regex" in match) return new RegExp(`^(?:${match.regex})$`).test(text);
  return true;
}
