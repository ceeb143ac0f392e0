import test from "ava";
import type { GatewayConfig } from "../../model/gateway.ts";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { gateway } from "./index.ts";

function decode(servers: string): {
  readonly config: GatewayConfig | undefined;
  readonly summary: readonly string[];
} {
  const head = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: shop}";
  const text = `${head}\nspec:\n  selector: {istio: ingressgateway}\n  servers:\n${servers.trim().replaceAll(/^/gm, "  ")}\n`;
  const { facts, summary } = decodeYaml(text, [gateway]);
  const [fact] = facts;
  if (fact?.type !== "gateway") return { config: undefined, summary };
  const plain = JSON.stringify(fact.value, (key, value) => (key === "origin" ? undefined : value));
  return { config: JSON.parse(plain), summary };
}

test("servers, their hosts and what TLS they end", (t) => {
  const { config, summary } = decode(`
- port: {number: 80, name: http, protocol: HTTP}
  hosts: ["*"]
  tls: {httpsRedirect: true}
- port: {number: 443, name: https, protocol: HTTPS}
  hosts: [A.example.com, "prod/*.example.com", "./10.0.0.1"]
  tls: {mode: SIMPLE, credentialName: cert, minProtocolVersion: TLSV1_2}
- port: {number: 15443, name: tls, protocol: TLS}
  bind: 127.0.0.1
  hosts: ["*.local"]
  tls: {}`);
  t.deepEqual(summary, []);
  t.is(config?.key, "shop/gw");
  t.deepEqual(config?.selector, { istio: "ingressgateway" });
  t.deepEqual(
    config?.servers.map(({ hosts }) => hosts.map(({ namespace, host }) => `${namespace}/${host}`)),
    [["*/*"], ["*/a.example.com", "prod/*.example.com", "shop/10.0.0.1"], ["*/*.local"]],
  );
  const [plain, simple, passed] = config?.servers ?? [];
  t.is(plain?.tls?.httpsRedirect, true);
  t.is(plain?.tls?.mode, undefined);
  t.deepEqual(
    [simple?.tls?.mode, simple?.tls?.credentialNames, simple?.tls?.minProtocolVersion],
    ["simple", ["cert"], "TLSV1_2"],
  );
  t.deepEqual([passed?.tls?.mode, passed?.bind, passed?.port.protocol], ["passthrough", "127.0.0.1", "tls"]);
});

test("MUTUAL needs certificates from one place or another", (t) => {
  const server = (tls: string) =>
    `- {port: {number: 443, name: a, protocol: HTTPS}, hosts: ["*"], tls: {mode: MUTUAL, ${tls}}}`;
  t.deepEqual(decode(server("credentialName: x")).summary, []);
  t.deepEqual(decode(server("serverCertificate: /c, privateKey: /k, caCertificates: /ca")).summary, []);
  t.deepEqual(decode(server("serverCertificate: /c, privateKey: /k, caCertCredentialName: x")).summary, []);
  t.deepEqual(decode(server("serverCertificate: /c")).summary, [
    "error missing-field spec.servers[0].tls.privateKey",
    "error missing-field spec.servers[0].tls.caCertificates",
  ]);
});

test("what a mode has no use for is said", (t) => {
  const fields = `subjectAltNames: [a], verifyCertificateHash: [${"a".repeat(64)}], minProtocolVersion: TLSV1_3`;
  const idle = (mode: string) =>
    decode(
      `- {port: {number: 443, name: a, protocol: HTTPS}, hosts: ["*"], tls: {mode: ${mode}, ${fields}}}`,
    ).summary.map((line) => line.replace("warning ineffective-field spec.servers[0].tls.", ""));
  t.deepEqual(idle("MUTUAL, credentialName: x"), []);
  t.deepEqual(idle("SIMPLE, credentialName: x"), ["subjectAltNames", "verifyCertificateHash"]);
  t.deepEqual(idle("ISTIO_MUTUAL"), ["verifyCertificateHash", "minProtocolVersion"]);
  t.deepEqual(idle("PASSTHROUGH"), ["subjectAltNames", "verifyCertificateHash", "minProtocolVersion"]);
});

test("cipher suites that Envoy does not know are left out, not sent", (t) => {
  const { config, summary } = decode(
    `- {port: {number: 443, name: a, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: x, cipherSuites: [NOPE, AES128-SHA, AES128-SHA]}}`,
  );
  t.deepEqual(config?.servers[0]?.tls?.cipherSuites, ["AES128-SHA"]);
  t.deepEqual(summary, [
    "warning ineffective-field spec.servers[0].tls.cipherSuites[0]",
    "warning ineffective-field spec.servers[0].tls.cipherSuites[2]",
  ]);
});
