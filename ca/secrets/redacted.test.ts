import { format, inspect } from "node:util";
import test from "ava";
import pino from "pino";
import { Redacted } from "./index.ts";

test("a secret shows itself to nobody who does not ask for it", (t) => {
  const secret = new Redacted("hunter2");
  const lines: string[] = [];
  pino({}, { write: (line: string) => lines.push(line) }).info(
    { secret, nested: { secret } },
    `it is ${secret}`,
  );
  const shown = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    format("%s %o %j", secret, secret, secret),
    Object.entries(secret).join(),
    ...lines,
  ];
  t.deepEqual(
    shown.filter((text) => text.includes("hunter2")),
    [],
  );
  t.is(secret.reveal(), "hunter2");
});
