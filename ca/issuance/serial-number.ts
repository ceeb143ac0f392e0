// Random bytes in, a certificate's serial number out. It does not know where the bytes come from.

const serialBytes = 16;

/**
 * A serial number of 16 bytes as hexadecimal: positive, never zero and within the 20 octets of RFC 5280 4.1.2.2. The
 * top byte keeps six of its bits, so 126 unpredictable ones remain and every serial has the same length.
 */
export function serialNumberFrom(entropy: Uint8Array): string {
  if (entropy.length < serialBytes) throw new Error(`a serial number needs ${serialBytes} random bytes`);
  const [first = 0, ...rest] = entropy.subarray(0, serialBytes);
  return [(first & 0x3f) | 0x40, ...rest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
