import test from "ava";
import { InvalidArgumentError } from "commander";
import { formatHostPort, parseHostPort } from "./host-port.ts";
import { parseLogLevels } from "./log-levels.ts";
import { collectLabel, parseLocality } from "./pairs.ts";

test("host and port, and back", (t) => {
  for (const text of ["127.0.0.1:15010", "[::1]:15010", "fairlead.example:0"]) {
    t.is(formatHostPort(parseHostPort(text)), text);
  }
  t.deepEqual(parseHostPort(":15010"), { host: "0.0.0.0", port: 15_010 });
});

test("what is no host and port is refused", (t) => {
  for (const text of ["15010", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:15010", "a:b"]) {
    t.throws(() => parseHostPort(text), { instanceOf: InvalidArgumentError }, text);
  }
});

test("labels add up, values may hold an equals sign", (t) => {
  t.deepEqual(collectLabel("b=1=2", collectLabel("a=", {})), { a: "", b: "1=2" });
  t.throws(() => collectLabel("nothing"), { instanceOf: InvalidArgumentError });
  t.throws(() => collectLabel("=value"), { instanceOf: InvalidArgumentError });
});

test("localities have one to three parts", (t) => {
  t.deepEqual(parseLocality("eu/a/1"), { region: "eu", zone: "a", subzone: "1" });
  t.deepEqual(parseLocality("eu"), { region: "eu", zone: "", subzone: "" });
  t.throws(() => parseLocality("/a"), { instanceOf: InvalidArgumentError });
  t.throws(() => parseLocality("a/b/c/d"), { instanceOf: InvalidArgumentError });
});

test("log levels are of all scopes or of some", (t) => {
  t.deepEqual(parseLogLevels("warn"), { default: "warn", scopes: {} });
  t.deepEqual(parseLogLevels("ads:debug"), { default: "info", scopes: { ads: "debug" } });
  t.deepEqual(parseLogLevels("default:error,ads:debug,ca:silent,ads:info"), {
    default: "error",
    scopes: { ads: "info", ca: "silent" },
  });
  t.throws(() => parseLogLevels("ads:loud"), { message: /"loud" is no level. There are debug, info/ });
  t.throws(() => parseLogLevels("xds:info"), { message: /"xds" is no scope. There are default, ads/ });
  for (const text of ["", "ads:", ":debug", "info,", "ads"]) {
    t.throws(() => parseLogLevels(text), { instanceOf: InvalidArgumentError }, text);
  }
});
