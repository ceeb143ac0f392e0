import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { isShared, share } from "./shared.ts";

test("a message is shared once somebody said so, and nothing that equals it", (t) => {
  const second = () => create(DurationSchema, { seconds: 1n });
  const part = second();
  t.false(isShared(part));
  t.is(share(part), part);
  t.true(isShared(part));
  t.false(isShared(second()));
});
