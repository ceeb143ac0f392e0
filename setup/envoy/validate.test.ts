import test from "ava";
import { validateWithEnvoy } from "./validate.ts";

test("Envoy accepts an empty bootstrap", async (t) => {
  t.deepEqual(await validateWithEnvoy("{}"), { ok: true });
});

test("Envoy's own words come back for a bad one", async (t) => {
  const verdict = await validateWithEnvoy("static_resources: { listeners: [{ adress: 1 }] }");
  t.false(verdict.ok);
  t.regex(verdict.ok ? "" : verdict.output, /adress/);
});

test("no Envoy to run is a refusal that says so", async (t) => {
  const verdict = await validateWithEnvoy("{}", { ENVOY_BIN: "/nowhere" });
  t.regex(verdict.ok ? "" : verdict.output, /no file there/);
});
