// DER, the one way of writing ASN.1 that certificates, requests and revocation lists are in: read and written.

export * from "./reader.ts";
export * from "./writer.ts";
