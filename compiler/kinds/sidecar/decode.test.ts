import test from "ava";
import type { ProxyScope } from "../../model/scope.ts";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { sidecar } from "./index.ts";

function decode(spec: string): {
  readonly scope: ProxyScope | undefined;
  readonly summary: readonly string[];
} {
  const head = "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: shop}";
  const { facts, summary } = decodeYaml(`${head}\nspec:\n${spec.trim().replaceAll(/^/gm, "  ")}\n`, [
    sidecar,
  ]);
  const [fact] = facts;
  if (fact?.type !== "scope") return { scope: undefined, summary };
  const text = JSON.stringify(fact.value, (key, value) => (key === "origin" ? undefined : value));
  return { scope: JSON.parse(text), summary };
}

test("reach and listeners", (t) => {
  const { scope, summary } = decode(`
workloadSelector: {labels: {app: web}}
ingress:
- port: {number: 9080, protocol: HTTP, name: http}
  defaultEndpoint: :8080
  captureMode: NONE
  bind: 127.0.0.2
- port: {number: 9081}
  defaultEndpoint: unix:///var/run/app.sock
egress:
- port: {number: 3306, protocol: MYSQL, name: db}
  bind: 127.0.0.3
  captureMode: NONE
  hosts: ["*/db.example.com"]
- port: {number: 0, protocol: HTTP}
  bind: unix:///tmp/egress.sock
  hosts: ["~/*"]
- hosts: ["./*", "istio-system/*"]
outboundTrafficPolicy: {mode: REGISTRY_ONLY}
inboundConnectionPool: {tcp: {maxConnections: 1}}`);
  t.deepEqual(summary, ["warning unsupported-field spec.egress[1].bind"]);
  t.deepEqual(scope?.selector, { app: "web" });
  t.deepEqual(scope?.ingress as unknown, [
    {
      port: { number: 9080, name: "http", protocol: "http" },
      bind: "127.0.0.2",
      captureMode: "none",
      defaultEndpoint: "127.0.0.1:8080",
    },
    {
      port: { number: 9081, name: "", protocol: "auto" },
      captureMode: "default",
      defaultEndpoint: "unix:///var/run/app.sock",
    },
  ]);
  t.deepEqual(scope?.egress as unknown, [
    {
      port: { number: 3306, name: "db", protocol: "mysql" },
      bind: "127.0.0.3",
      captureMode: "none",
      hosts: [{ namespace: "*", host: "db.example.com" }],
    },
    {
      port: { number: 0, name: "", protocol: "http" },
      bind: "unix:///tmp/egress.sock",
      captureMode: "default",
      hosts: [{ namespace: "~", host: "*" }],
    },
    {
      captureMode: "default",
      hosts: [
        { namespace: ".", host: "*" },
        { namespace: "istio-system", host: "*" },
      ],
    },
  ]);
  t.deepEqual(scope?.outboundPolicy, { mode: "registry-only" });
  t.is(scope?.inboundConnectionPool?.tcp.maxConnections, 1);
});

test("without egress everything visible is meant, and a selector without labels is one of its own", (t) => {
  const { scope, summary } = decode("workloadSelector: {}\noutboundTrafficPolicy: {mode: ALLOW_ANY}");
  t.is(scope?.egress, undefined);
  t.deepEqual(scope?.selector, {});
  t.deepEqual(scope?.outboundPolicy, { mode: "allow-any" });
  t.deepEqual(summary, ["warning broad-match spec.workloadSelector"]);
});

test("a bind without a port is none", (t) => {
  const { summary } = decode('egress: [{bind: 127.0.0.3, hosts: ["*/*"]}]');
  t.deepEqual(summary, ["warning ineffective-field spec.egress[0].bind"]);
});
