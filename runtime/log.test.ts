import test from "ava";
import { createLogger, type LogLevels } from "./log.ts";

function linesOf(levels: LogLevels | "warn"): readonly string[] {
  const lines: string[] = [];
  const log = createLogger("json", levels, (line) => lines.push(line));
  for (const scope of ["ads", "ca"]) {
    log.debug({ scope }, `${scope} debug`);
    log.info({ scope }, `${scope} info`);
    log.error({ scope }, `${scope} error`);
  }
  log.info("no scope");
  return lines.map((line) => JSON.parse(line).msg);
}

test("a scope has a level of its own, above that of the others or below it", (t) => {
  t.deepEqual(linesOf({ default: "error", scopes: { ads: "debug" } }), [
    "ads debug",
    "ads info",
    "ads error",
    "ca error",
  ]);
  t.deepEqual(linesOf({ default: "info", scopes: { ads: "silent", server: "warn" } }), [
    "ca info",
    "ca error",
  ]);
  t.deepEqual(linesOf({ default: "silent", scopes: { server: "info" } }), ["no scope"]);
});

test("one level is that of all scopes", (t) => {
  t.deepEqual(linesOf("warn"), ["ads error", "ca error"]);
});
