// Principals are written against one trust domain and hold for its aliases as well. In: principals or trust domains as
// written, without `spiffe://`. Out: the same, expanded. Matching them is not done here.

/** In policies this name stands for the mesh's own trust domain, whatever that is called. */
const localTrustDomain = "cluster.local";

/**
 * Each principal `<trust domain>/ns/<ns>/sa/<sa>` once per trust domain of the mesh, if its own is one of them. Those of
 * foreign trust domains, those with `*` for it, and those of another shape stay as they are.
 */
export function expandPrincipals(
  principals: readonly string[],
  trustDomains: readonly string[],
): readonly string[] {
  return [...new Set(principals.flatMap((principal) => expandPrincipal(principal, trustDomains)))];
}

function expandPrincipal(principal: string, trustDomains: readonly string[]): readonly string[] {
  const [written = "", ...rest] = principal.split("/");
  if (rest.length !== 4 || written === "*") return [principal];
  if (!matchesOne(written, trustDomains) && written !== localTrustDomain) return [principal];
  return trustDomains.map((trustDomain) =>
    // `*-dev/ns/...` already covers each trust domain that ends so.
    written.startsWith("*") && trustDomain.endsWith(written.slice(1))
      ? principal
      : [trustDomain, ...rest].join("/"),
  );
}

function matchesOne(written: string, trustDomains: readonly string[]): boolean {
  return trustDomains.some((known) => fitsPattern(written, known) || fitsPattern(known, written));
}

function fitsPattern(text: string, pattern: string): boolean {
  if (pattern.startsWith("*")) return text.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return text.startsWith(pattern.slice(0, -1));
  return text === pattern;
}

/** Each trust domain of the mesh stands for all of them; foreign ones and patterns stay as they are. */
export function expandTrustDomains(
  written: readonly string[],
  trustDomains: readonly string[],
): readonly string[] {
  return [...new Set(written.flatMap((value) => (trustDomains.includes(value) ? trustDomains : [value])))];
}
