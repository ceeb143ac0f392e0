import test from "ava";
import { runInProcess } from "./testing/terminal.ts";

const commands = [
  "serve",
  "bootstrap",
  "validate",
  "compile",
  "diff",
  "status",
  "proxy-config",
  "envoy",
  "demo",
  "version",
];

for (const command of commands) {
  test(`${command} --help shows examples on stdout and succeeds`, async (t) => {
    const { code, out, err } = await runInProcess([command, "--help"]);
    t.is(code, 0);
    t.is(err, "");
    t.regex(out, new RegExp(`^Usage: fairlead ${command}`));
    t.regex(out, /^Examples:\n {2}\$ fairlead /m);
  });

  test(`${command} with an unknown option is a usage error`, async (t) => {
    const { code, out, err } = await runInProcess([command, "--no-such-option"]);
    t.is(code, 2);
    t.is(out, "");
    // Commander looks for what is missing first.
    t.regex(err, /unknown option '--no-such-option'|required option '--type/);
  });
}

test("help names every command", async (t) => {
  const { code, out } = await runInProcess(["--help"]);
  t.is(code, 0);
  for (const command of commands) t.regex(out, new RegExp(`^ {2}${command}[ |]`, "m"));
});

test("no command at all is a usage error that shows the help", async (t) => {
  const { code, out, err } = await runInProcess([]);
  t.is(code, 2);
  t.is(out, "");
  t.regex(err, /^Usage: fairlead/);
});

test("a mistyped command is answered with the nearest one", async (t) => {
  const { code, err } = await runInProcess(["valdate", "."]);
  t.is(code, 2);
  t.regex(err, /unknown command 'valdate'\n\(Did you mean validate\?\)/);
});

test("versions as text and as JSON", async (t) => {
  const text = await runInProcess(["version"]);
  t.regex(text.out, /^fairlead \d+\.\d+\.\d+\nenvoy +\d+\.\d+\.\d+\nnode +\d+\.\d+\.\d+\n$/);
  const json = await runInProcess(["version", "-o", "json"]);
  t.deepEqual(Object.keys(JSON.parse(json.out)), ["fairlead", "envoy", "node"]);
});

test("a format that a command does not have is a usage error that lists those it has", async (t) => {
  const { code, err } = await runInProcess(["version", "-o", "xml"]);
  t.is(code, 2);
  t.regex(err, /Allowed choices are text, json/);
});
