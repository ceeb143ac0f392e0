import test from "ava";
import { compileMesh, type Diagnostic, lifetimesInUse } from "#compiler";
import { testCertificate, testKey } from "../compiler/testing/credentials.ts";
import { watchLifetimes } from "./lifetimes.ts";
import { createMetrics } from "./metrics.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const text = `
apiVersion: v1
kind: Secret
metadata: { name: web, namespace: istio-system }
data: { tls.crt: ${base64(testCertificate)}, tls.key: ${base64(testKey)} }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: istio-system }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: ["*"]
      tls: { mode: SIMPLE, credentialName: web }
`;
const { mesh } = compileMesh({ files: [{ name: "a.yaml", text }] });
const empty = compileMesh({ files: [] }).mesh;
const [{ until } = { until: 0 }] = lifetimesInUse(mesh);
const day = 24 * 60 * 60 * 1000;

test("what becomes true is said once, and again when it comes back", (t) => {
  const said: string[] = [];
  let now = until - 30 * day;
  let current = mesh;
  const watch = watchLifetimes({
    mesh: () => current,
    now: () => now,
    say: (warnings: readonly Diagnostic[]) => said.push(...warnings.map(({ code }) => code)),
  });
  t.teardown(watch.close);
  watch.look();
  t.deepEqual(said, []);
  now = until - day;
  watch.look();
  watch.look();
  t.deepEqual(said, ["credential-expires-soon"]);
  now = until + day;
  watch.look();
  watch.look();
  t.deepEqual(said, ["credential-expires-soon", "credential-expired"]);
  current = empty;
  watch.look();
  current = mesh;
  watch.look();
  t.deepEqual(said, ["credential-expires-soon", "credential-expired", "credential-expired"]);
});

test("their ends are metrics, as are those of the authority", async (t) => {
  const metrics = createMetrics("test");
  let current = mesh;
  metrics.lifetimesFrom(() => lifetimesInUse(current));
  metrics.authorityEnds({ root: 5000, chain: 4000 });
  const page = await metrics.registry.metrics();
  const labels = 'namespace="istio-system",name="web",part="certificate"';
  t.true(page.includes(`fairlead_credential_expiry_timestamp{${labels}} ${until / 1000}\n`), page);
  t.true(page.includes("citadel_server_root_cert_expiry_timestamp 5\n"));
  t.true(page.includes("citadel_server_cert_chain_expiry_timestamp 4\n"));
  current = empty;
  t.false((await metrics.registry.metrics()).includes(labels), "what is gone is no metric any more");
});
