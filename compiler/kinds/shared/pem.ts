// The outer form of PEM: enough to tell a certificate from a key, a whole one from a broken one. What is inside, `key-material.ts`
// knows. No message ever quotes the text.

export type PemContent = "certificates" | "private key" | "revocation lists";

/** Why the text is not what `expected` says; undefined when it is. */
export function faultOfPem(text: string, expected: PemContent): string | undefined {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END ([A-Z0-9 ]+)-----/g)];
  if ((text.match(/-----BEGIN /g) ?? []).length !== blocks.length) return "a PEM block has no end";
  if (blocks.length === 0) return "it has no PEM block";
  for (const [, label = "", body = "", end] of blocks) {
    if (label !== end) return "a PEM block begins and ends differently";
    if (!isDer(body)) return `the ${label} in it is damaged`;
  }
  const labels = blocks.map(([, label = ""]) => label);
  return labels.some((label) => isLabelOf(label, expected)) ? undefined : `it holds no ${expected}`;
}

function isLabelOf(label: string, expected: PemContent): boolean {
  switch (expected) {
    case "certificates":
      return label === "CERTIFICATE";
    case "private key":
      return label === "PRIVATE KEY" || label.endsWith(" PRIVATE KEY");
    case "revocation lists":
      return label === "X509 CRL";
  }
}

/** Whether it is base64 of one ASN.1 sequence of just that length. Older keys have headers before a blank line. */
function isDer(body: string): boolean {
  const headless = body.replace(/^[\s\S]*?\n\r?\n/, (headers) => (headers.includes(":") ? "" : headers));
  const bytes = decodeBase64(headless);
  if (bytes === undefined) return false;
  if (headless !== body) return bytes.length > 0;
  const [tag, first = 0] = bytes;
  if (tag !== 0x30) return false;
  // Lengths of up to four bytes; one that is not known at first has no place in DER.
  if (first === 0x80 || first > 0x84) return false;
  return contentOf(bytes, 0).to === bytes.length;
}

/** Where the content of the ASN.1 value that begins there begins and ends. */
export function contentOf(der: Uint8Array, at: number): { readonly from: number; readonly to: number } {
  const first = der[at + 1] ?? 0;
  const from = at + 2 + (first < 0x80 ? 0 : first - 0x80);
  const length = first < 0x80 ? first : der.slice(at + 2, from).reduce((sum, byte) => sum * 256 + byte, 0);
  return { from, to: from + length };
}

/** The bytes of base64 with or without line breaks; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0));
}
