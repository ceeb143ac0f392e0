import test from "ava";
import fc from "fast-check";
import { MessageReader } from "./message-reader.ts";
import type { Status } from "./status.ts";

function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}

function readerOf(maxBytes = 1_000) {
  const messages: string[] = [];
  const problems: Status[] = [];
  const reader = new MessageReader(
    {
      message: (bytes) => messages.push(bytes.toString("hex")),
      malformed: (status) => problems.push(status),
    },
    maxBytes,
  );
  return { reader, messages, problems };
}

test("messages come out whole and in order, whatever pieces they come in", (t) => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
  fc.assert(
    fc.property(messages, cuts, (sent, lengths) => {
      const bytes = Buffer.concat(sent.map((each) => framed(each)));
      const { reader, messages: got, problems } = readerOf();
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const end = at + (lengths[turn % lengths.length] ?? 1);
        reader.read(bytes.subarray(at, end));
        at = end;
      }
      t.deepEqual(
        got,
        sent.map((each) => Buffer.from(each).toString("hex")),
      );
      t.deepEqual(problems, []);
      t.false(reader.isCut);
    }),
  );
});

test("half a message is known to be half", (t) => {
  const { reader, messages } = readerOf();
  reader.read(framed(Buffer.from("abc")).subarray(0, 7));
  t.deepEqual(messages, []);
  t.true(reader.isCut);
});

test("a message that is too large is refused before it has come, and nothing after it is read", (t) => {
  const { reader, messages, problems } = readerOf(10);
  reader.read(framed(Buffer.alloc(10)));
  reader.read(framed(Buffer.alloc(11)).subarray(0, 6));
  t.is(messages.length, 1);
  t.deepEqual(problems, [
    { code: "RESOURCE_EXHAUSTED", details: "a message of 11 bytes: more than the 10 that are accepted" },
  ]);
  reader.read(framed(Buffer.alloc(1)));
  t.is(messages.length, 1);
  t.is(problems.length, 1);
});

test("a compressed message is refused", (t) => {
  const { reader, messages, problems } = readerOf();
  reader.read(framed(Buffer.from("x"), 1));
  t.deepEqual(messages, []);
  t.is(problems[0]?.code, "UNIMPLEMENTED");
});
