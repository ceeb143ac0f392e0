import test from "ava";
import { readEnvoyMessage } from "./envoy-message.ts";

const prefix =
  "[2026-01-01 00:00:00.000][7][critical][main] [source/server.cc:76] error initializing configuration '/tmp/x/bootstrap.yaml': ";

test("the complaint without its surroundings", (t) => {
  t.is(readEnvoyMessage(`${prefix}missing ): ((`), "missing ): ((");
});

test("the copy of the configuration is left out", (t) => {
  const output = `${prefix}goo.gle/debugonly\nstatic_resources {\n  listeners {\n  }\n}\n: Proto constraint validation failed`;
  t.is(readEnvoyMessage(output), "Proto constraint validation failed");
});

test("a crash is called one", (t) => {
  const output = "[2026][7][critical][assert] [x.cc:1] assert failure: ok.\nEnvoy died of SIGABRT";
  t.is(readEnvoyMessage(output), "Envoy died of SIGABRT: [x.cc:1] assert failure: ok.");
});
