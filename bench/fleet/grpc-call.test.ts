import test from "ava";
import fc from "fast-check";
import { frameMessage, messagesIn } from "./grpc-call.ts";

test("messages come out whole, whatever pieces they come in", (t) => {
  const message = fc.uint8Array({ maxLength: 40 });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(message), cuts, (messages, lengths) => {
      const bytes = Buffer.concat(messages.map((each) => frameMessage([Buffer.from(each)])));
      const got: string[] = [];
      const take = messagesIn((each) => got.push(each.toString("hex")));
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const length = lengths[turn % lengths.length] ?? 1;
        take(bytes.subarray(at, at + length));
        at += length;
      }
      t.deepEqual(
        got,
        messages.map((each) => Buffer.from(each).toString("hex")),
      );
    }),
  );
});

test("two streams whose messages come in alternating pieces do not get into each other's room", (t) => {
  const got: string[] = [];
  const takes = ["a", "b"].map((name) => messagesIn((each) => got.push(`${name} ${each}`)));
  const frames = ["first", "second"].map((text) => frameMessage([Buffer.from(text.repeat(3))]));
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < 30; at += 4) {
      for (const [index, take] of takes.entries()) {
        const piece = frames[index]?.subarray(at, at + 4);
        if (piece && piece.length > 0) take(piece);
      }
    }
  }
  const both = ["a firstfirstfirst", "b secondsecondsecond"];
  t.deepEqual(got, [...both, ...both]);
});

test("a message longer than any before gets room", (t) => {
  const long = Buffer.alloc(3_000_000, 7);
  const frame = frameMessage([long]);
  let got = 0;
  const take = messagesIn((each) => {
    got += each.equals(long) ? 1 : 0;
  });
  for (let at = 0; at < frame.length; at += 65_536) take(frame.subarray(at, at + 65_536));
  t.is(got, 1);
});
