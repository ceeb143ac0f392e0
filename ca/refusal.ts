// Why a peer does not get what it asked for. In: a code and the detail. Out: a constant sentence for the peer, which
// tells an attacker nothing, and the detail, which is for our log alone.

const messages = {
  "csr-unreadable": "the certificate request cannot be read",
  "csr-unproven": "the certificate request is not signed by the key it carries",
  "csr-weak-key": "the key of the certificate request is not accepted",
  "csr-names-mismatch": "the certificate request names something other than the authenticated identity",
  "foreign-trust-domain": "the identity is outside this mesh's trust domain",
  "lifetime-invalid": "the requested lifetime is not a positive duration",
  "issuer-expired": "the certificate authority cannot issue certificates now",
  "token-refused": "the token was not accepted",
  "certificate-refused": "the client certificate was not accepted",
} as const;

/** The closed list of reasons. */
export type RefusalCode = keyof typeof messages;

/** A refusal: `message` may go to the peer, `detail` must not. Neither ever holds a key or a token. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly detail: string;
}

/** Pairs a code with its constant message; the detail says what was found, for whoever reads the log. */
export function refusal(code: RefusalCode, detail: string): Refusal {
  return { code, message: messages[code], detail };
}
