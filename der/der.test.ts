// Reader and writer against each other, and against texts whose bytes the standard gives (X.690).

import test from "ava";
import fc from "fast-check";
import {
  element,
  integer,
  namedBits,
  objectIdentifier,
  octets,
  sequence,
  time,
  wholeBytes,
} from "./index.ts";
import {
  booleanIn,
  Fields,
  MalformedDer,
  namedBitsIn,
  objectIdentifierIn,
  partsOf,
  readOne,
  smallNumberIn,
  tags,
  timeIn,
  wholeBytesIn,
} from "./reader.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const hex = (of: Uint8Array): string => Buffer.from(of).toString("hex");

test("ok/each type in the standard's own bytes", (t) => {
  t.is(hex(objectIdentifier("2.999.3")), "0603883703");
  t.is(objectIdentifierIn(readOne(bytes("0603883703"))), "2.999.3");
  t.is(hex(objectIdentifier("1.2.840.113549")), "06062a864886f70d");
  t.is(hex(integer(bytes("0080"))), "02020080");
  t.is(hex(integer(bytes("ff"))), "020200ff");
  t.is(hex(integer(bytes("000000"))), "020100");
  t.is(hex(namedBits(1)), "03020780");
  t.is(hex(namedBits(32 | 64)), "03020106");
  t.is(hex(namedBits(0)), "030100");
  t.is(
    hex(time(Date.parse("2049-12-31T23:59:59Z"))),
    hex(element(tags.utcTime, Buffer.from("491231235959Z"))),
  );
  t.is(
    hex(time(Date.parse("2050-01-01T00:00:00Z"))),
    hex(element(tags.generalizedTime, Buffer.from("20500101000000Z"))),
  );
});

test("property/what is written is read again", (t) => {
  const arc = fc.integer({ min: 0, max: 2 ** 31 });
  const identifier = fc
    .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), fc.array(arc, { maxLength: 8 }))
    .map(([first, second, rest]) => [first, second, ...rest].join("."));
  const content = fc.uint8Array({ maxLength: 70_000 });
  const second = fc.integer({ min: Date.parse("1950-01-01") / 1000, max: Date.parse("9999-12-31") / 1000 });
  fc.assert(
    fc.property(identifier, fc.integer({ min: 0, max: 255 }), content, second, (id, flags, octet, second) => {
      t.is(objectIdentifierIn(readOne(objectIdentifier(id))), id);
      t.is(namedBitsIn(readOne(namedBits(flags))), flags);
      t.is(smallNumberIn(readOne(integer(Buffer.from([flags])))), flags);
      t.is(timeIn(readOne(time(second * 1000))), second * 1000);
      const list = new Fields(readOne(sequence(octets(octet), wholeBytes(octet))));
      t.deepEqual(Buffer.from(list.take(tags.octetString).content), Buffer.from(octet));
      t.deepEqual(Buffer.from(wholeBytesIn(list.take())), Buffer.from(octet));
      list.end();
    }),
  );
});

const refused = {
  nothing: "",
  "a tag alone": "30",
  "cut off": "300501",
  "bytes after the end": "050000",
  "BER's indefinite length": "30800000",
  "a short length in the long form": "30810100",
  "a long length with a zero before it": `3082008a${"00".repeat(0x8a)}`,
  "a length of four bytes": "308400000001",
  "a tag of several bytes": "1f0100",
};
for (const [name, input] of Object.entries(refused)) {
  test(`fail/${name}`, (t) => {
    t.throws(() => readOne(bytes(input)), { instanceOf: MalformedDer });
  });
}

const wrongValues: readonly (readonly [string, (input: Uint8Array) => unknown, readonly string[]])[] = [
  ["BOOLEAN", (input) => booleanIn(readOne(input)), ["0100", "010101", "0102ffff", "0201ff"]],
  ["INTEGER", (input) => smallNumberIn(readOne(input)), ["0200", "0201ff", "02020001", "02050100000000"]],
  ["OBJECT IDENTIFIER", (input) => objectIdentifierIn(readOne(input)), ["0600", "060181", "06028001"]],
  [
    "BIT STRING",
    (input) => namedBitsIn(readOne(input)),
    ["0300", "030108", "030101", "030201ff", "030400000000"],
  ],
  [
    "time",
    (input) => timeIn(readOne(input)),
    [
      hex(element(tags.utcTime, Buffer.from("270231000000Z"))),
      hex(element(tags.utcTime, Buffer.from("2701010000Z"))),
      hex(element(tags.utcTime, Buffer.from("270101000000+0100"))),
      hex(element(tags.utcTime, Buffer.from(" 70101000000Z"))),
      hex(element(tags.generalizedTime, Buffer.from("270101000000Z"))),
      hex(element(tags.utf8String, Buffer.from("20270101000000Z"))),
    ],
  ],
  ["whole bytes", (input) => wholeBytesIn(readOne(input)), ["0300", "03020780", "040100"]],
  ["parts", (input) => partsOf(readOne(input)), ["300105", "30020501"]],
];
for (const [name, read, inputs] of wrongValues) {
  test(`fail/no ${name}`, (t) => {
    for (const input of inputs) t.throws(() => read(bytes(input)), { instanceOf: MalformedDer }, input);
  });
}
