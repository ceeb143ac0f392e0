// Every shape of cluster that stage 5 writes, put before a real Envoy; and what Envoy then does with some of them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { emitCluster } from "../../compiler/5-emit/clusters/index.ts";
import { emitEndpoints } from "../../compiler/5-emit/endpoints/index.ts";
import { clusterVariants } from "./cluster-variants.ts";
import {
  anyWorkload,
  clusterPlan,
  endpointsPlan,
  staticBootstrap,
  testRoot,
  validateInEnvoy,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-clusters-"));
test.after.always(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const variants = clusterVariants({
  certificate: file("cert.pem", anyWorkload.certificate),
  privateKey: file("key.pem", anyWorkload.privateKey),
  ca: file("ca.pem", testRoot),
});

test("Envoy accepts every cluster, without a word about deprecation", async (t) => {
  const clusters = Object.values(variants).map(emitCluster);
  const { accepted, output } = await validateInEnvoy(
    staticBootstrap([...clusters, emitEndpoints(endpointsPlan())]),
  );
  t.true(accepted, output);
  t.notRegex(output, /deprecat|warning/i);
});

test("Envoy would have refused a bad one", async (t) => {
  const bad = emitCluster(clusterPlan({ connectTimeoutMs: -1 }));
  const { accepted, output } = await validateInEnvoy(staticBootstrap([bad]));
  t.false(accepted);
  t.regex(output, /Invalid duration/);
});
