// What is read of a certificate, against @peculiar/x509, which shares no code with the reader: certificates as it makes
// them, and the same with bytes changed, which is where readers differ.

import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { ecKeys, foreign } from "../testing/foreign.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from "../testing/library.ts";
import { accepted, refused } from "../testing/world.ts";
import { type Certificate, readCertificate } from "./index.ts";

const keys = ecKeys();
const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}$/);
const name = fc.oneof(
  word.map((value) => ({ type: "url" as const, value: `spiffe://cluster.local/ns/${value}/sa/x` })),
  word.map((value) => ({ type: "dns" as const, value })),
  fc.ipV4().map((value) => ({ type: "ip" as const, value })),
  fc
    .ipV6()
    .filter((value) => !value.includes(".")) // The library writes no mixed form.
    .map((value) => ({ type: "ip" as const, value })),
  word.map((value) => ({ type: "email" as const, value: `${value}@example.com` })),
);
const critical = fc.boolean();
const extensions: fc.Arbitrary<readonly Extension[]> = fc
  .tuple(
    fc.option(
      fc
        .tuple(fc.boolean(), fc.option(fc.integer({ min: 0, max: 200 })), critical)
        .map(
          ([ca, length, isCritical]) => new BasicConstraintsExtension(ca, length ?? undefined, isCritical),
        ),
    ),
    fc.option(fc.integer({ min: 1, max: 511 }).map((flags) => new KeyUsagesExtension(flags, true))),
    fc.option(
      fc
        .subarray(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"], { minLength: 1 })
        .map((purposes) => new ExtendedKeyUsageExtension(purposes)),
    ),
    fc.option(
      fc
        .tuple(fc.array(name, { maxLength: 4 }), critical)
        .map(([names, c]) => new SubjectAlternativeNameExtension(names, c)),
    ),
    fc.option(
      fc
        .uint8Array({ minLength: 1, maxLength: 30 })
        .map((id) => new SubjectKeyIdentifierExtension(Buffer.from(id).toString("hex"))),
    ),
    fc.option(
      fc.tuple(critical, fc.uint8Array({ maxLength: 8 })).map(([c, v]) => new Extension("1.2.3.4", c, v)),
    ),
  )
  .map((list) => list.filter((extension) => extension !== null));

async function der(list: readonly Extension[]): Promise<Uint8Array> {
  const { certPem } = await foreign({ keys, subject: "CN=a, O=b", extensions: list });
  return Buffer.from(certPem.replace(/-----[^-]+-----/g, ""), "base64");
}

/** What the library reads, or that it cannot. */
function byTheLibrary(bytes: Uint8Array) {
  const certificate = new X509Certificate(new Uint8Array(bytes));
  const find = <T>(kind: new (...args: never[]) => T): T | undefined =>
    Array.from(certificate.extensions).find((extension) => extension instanceof kind) as T | undefined;
  const constraints = find(BasicConstraintsExtension);
  const purposes = find(ExtendedKeyUsageExtension);
  const known = [
    BasicConstraintsExtension,
    KeyUsagesExtension,
    ExtendedKeyUsageExtension,
    SubjectAlternativeNameExtension,
  ];
  return {
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
    ca: constraints?.ca ?? false,
    pathLength: constraints?.pathLength,
    keyUsage: find(KeyUsagesExtension)?.usages as number | undefined,
    extendedKeyUsage: purposes && Array.from(purposes.usages, String),
    uris: Array.from(find(SubjectAlternativeNameExtension)?.names.items ?? [])
      .filter(({ type }) => type === "url")
      .map(({ value }) => value),
    subjectKeyId: find(SubjectKeyIdentifierExtension)?.keyId,
    unknownCritical: Array.from(certificate.extensions)
      .filter((extension) => extension.critical && !known.some((kind) => extension instanceof kind))
      .map(({ type }) => type),
    subjectName: Buffer.from(certificate.subjectName.toArrayBuffer()).toString("hex"),
  };
}

function byUs(read: Certificate): ReturnType<typeof byTheLibrary> {
  const { notBefore, notAfter, ca, pathLength, keyUsage, extendedKeyUsage, uris, unknownCritical } = read;
  return {
    notBefore,
    notAfter,
    ca,
    pathLength,
    keyUsage,
    extendedKeyUsage: extendedKeyUsage && [...extendedKeyUsage],
    uris: [...uris],
    subjectKeyId: read.subjectKeyId && Buffer.from(read.subjectKeyId).toString("hex"),
    unknownCritical: [...unknownCritical],
    subjectName: Buffer.from(read.subjectName).toString("hex"),
  };
}

test("property/what is read is what the library reads", async (t) => {
  await fc.assert(
    fc.asyncProperty(extensions, async (list) => {
      const bytes = await der(list);
      t.deepEqual(byUs(accepted(readCertificate(bytes))), byTheLibrary(bytes));
    }),
    { numRuns: 200 },
  );
});

test("property/with a byte changed it is refused, or read as the library reads it", async (t) => {
  const originals = await Promise.all(fc.sample(extensions, 20).map(der));
  let readByBoth = 0;
  const change = fc.tuple(fc.constantFrom(...originals), fc.nat(), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(change, ([original, where, flip]) => {
      const bytes = Buffer.from(original);
      const at = where % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      const read = readCertificate(bytes);
      if (!read.ok) return;
      readByBoth += agree(t, read.value, bytes) ? 1 : 0;
    }),
    { numRuns: 3000 },
  );
  t.true(readByBoth > 300, `${readByBoth} were read by both`);
});

/** Whether the library reads it too; then it must be the same. What it alone refuses nobody is misled by. */
function agree(t: ExecutionContext, read: Certificate, bytes: Uint8Array): boolean {
  let theirs: ReturnType<typeof byTheLibrary>;
  try {
    theirs = byTheLibrary(bytes);
  } catch {
    return false;
  }
  t.deepEqual(byUs(read), theirs, Buffer.from(bytes).toString("hex"));
  return true;
}

test("fail/an extension twice", async (t) => {
  const twice = await der([new KeyUsagesExtension(1), new KeyUsagesExtension(32)]);
  t.regex(refused(readCertificate(twice)), /twice/);
});
