// What a certificate shall say and a key to sign it with in, the certificate out (RFC 5280 4.1). It decides nothing.

import { explicit, integer, objectIdentifier, sequence, setOf, time, utf8String } from "#der";
import { AttributeId } from "./identifiers.ts";
import { algorithmOf, type SigningKey, signed } from "./signature.ts";

/** Names and keys are in DER. Times are epoch milliseconds on whole seconds. */
export interface CertificateContents {
  /** Hexadecimal, an even number of digits. */
  readonly serialNumber: string;
  /** As the issuer writes its own name, byte for byte: verifiers compare them so. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

const version3 = integer(Buffer.from([2]));

/** The name of nobody: who has it is named by alternative names. */
export const emptyName: Uint8Array = sequence();

/** `O=organization, CN=commonName`. */
export function distinguishedName(organization: string, commonName: string): Uint8Array {
  const part = (id: string, text: string) => setOf(sequence(objectIdentifier(id), utf8String(text)));
  return sequence(part(AttributeId.organization, organization), part(AttributeId.commonName, commonName));
}

/** Signs a certificate of version 3; the result is one block of PEM, ending in a newline. */
export async function writeCertificate(contents: CertificateContents, key: SigningKey): Promise<string> {
  const { serialNumber, issuer, subject, notBefore, notAfter, publicKey, extensions } = contents;
  const toBeSigned = sequence(
    explicit(0, version3),
    integer(Buffer.from(serialNumber, "hex")),
    algorithmOf(key),
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey,
    explicit(3, sequence(...extensions)),
  );
  return pemOf(await signed(toBeSigned, key));
}

function pemOf(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replace(/.{1,64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
