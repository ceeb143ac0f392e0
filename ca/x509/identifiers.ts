// The object identifiers and flags of X.509 that Fairlead reads or writes, by their names in RFC 5280.

/** What a key may do: the bits of KeyUsage, the first of them 1 (RFC 5280 4.2.1.3). */
export const KeyUsage = {
  digitalSignature: 1,
  keyEncipherment: 4,
  keyCertSign: 32,
  cRLSign: 64,
} as const;

/** Purposes in ExtendedKeyUsage (RFC 5280 4.2.1.12). */
export const Purpose = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** Extensions (RFC 5280 4.2.1). */
export const ExtensionId = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
} as const;

/** Kinds of alternative names: the number of their tag (RFC 5280 4.2.1.6, GeneralName). */
export const NameKind = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

/** Parts of a distinguished name (RFC 5280 appendix A.1). */
export const AttributeId = { commonName: "2.5.4.3", organization: "2.5.4.10" } as const;

/** The attribute of a request that holds the extensions it asks for (RFC 2985 5.4.2). */
export const extensionRequest = "1.2.840.113549.1.9.14";
