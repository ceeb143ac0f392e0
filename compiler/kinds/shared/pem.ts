// The outer form of PEM: enough to tell a certificate from a key, a whole one from a broken one. What is inside, `key-material.ts`
// knows. No message ever quotes the text.

import { readOne, tags } from "#der";

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
  try {
    return readOne(bytes).tag === tags.sequence;
  } catch {
    return false;
  }
}

/** The bytes of base64 with or without line breaks; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0));
}
