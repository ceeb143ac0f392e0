// Every shape of listener and route that stage 5 writes, put before a real Envoy.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { emitListener } from "../../compiler/5-emit/listeners/index.ts";
import { chain, http, listener } from "../../compiler/5-emit/listeners/listener-plan-builder.ts";
import { emitRouteTable } from "../../compiler/5-emit/routes/index.ts";
import { match, route, routeTable } from "../../compiler/5-emit/routes/route-plan-builder.ts";
import { anyWorkload, staticBootstrap, testRoot, validateInEnvoy } from "./index.ts";
import { listenerVariants } from "./listener-variants.ts";
import { routeVariants } from "./route-variants.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-listeners-"));
test.after.always(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const listeners = listenerVariants({
  certificate: file("cert.pem", anyWorkload.certificate),
  privateKey: file("key.pem", anyWorkload.privateKey),
  ca: file("ca.pem", testRoot),
});

test("Envoy accepts every listener, without a word about deprecation", async (t) => {
  const { accepted, output } = await validateInEnvoy(
    staticBootstrap(listeners.map((plan) => emitListener(plan, new Map()))),
  );
  t.true(accepted, output);
  t.notRegex(output, /deprecat|warning/i);
});

test("Envoy accepts every route, without a word about deprecation", async (t) => {
  const table = emitRouteTable(routeTable(Object.values(routeVariants)));
  const client = emitListener(listener([chain(http())]), new Map());
  const { accepted, output } = await validateInEnvoy(staticBootstrap([client, table]));
  t.true(accepted, output);
  t.notRegex(output, /deprecat|warning/i);
});

test("Envoy would have refused a bad one", async (t) => {
  const bad = emitRouteTable(routeTable([route({ match: match({ path: { type: "regex", value: "(" } }) })]));
  const client = emitListener(listener([chain(http())]), new Map());
  const { accepted, output } = await validateInEnvoy(staticBootstrap([client, bad]));
  t.false(accepted);
  t.regex(output, /missing \)/);
});
