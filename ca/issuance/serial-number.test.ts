import test from "ava";
import fc from "fast-check";
import { serialNumberFrom } from "./index.ts";

test("property/a serial is positive, 16 bytes long and differs with its bytes", (t) => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, (entropy) => {
      const serial = serialNumberFrom(entropy);
      const first = Number.parseInt(serial.slice(0, 2), 16);
      return /^[0-9a-f]{32}$/.test(serial) && first >= 0x40 && first <= 0x7f;
    }),
  );
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 15 }), (entropy, at) => {
      const other = entropy.map((byte, index) => (index === at ? byte ^ 1 : byte));
      return serialNumberFrom(entropy) !== serialNumberFrom(other);
    }),
  );
  t.pass();
});

test("fail/too few bytes are our own mistake", (t) => {
  t.throws(() => serialNumberFrom(new Uint8Array(15)));
});
