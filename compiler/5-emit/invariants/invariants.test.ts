import { create, type DescMessage, fromBinary, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { HeaderValueSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { HttpProtocolOptionsSchema } from "@envoyproxy/protos-ts/envoy/extensions/upstreams/http/v3/http_protocol_options";
import { fullRegistry } from "@envoyproxy/protos-ts/full-registry";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";
import { clusterVariants } from "../../../test/envoy/cluster-variants.ts";
import { listenerVariants } from "../../../test/envoy/listener-variants.ts";
import { clusterPlan, connectionPool, endpointsPlan, someOrigin } from "../../../test/envoy/plans.ts";
import { routeVariants } from "../../../test/envoy/route-variants.ts";
import type { ClusterPlan } from "../../4-view/plan/index.ts";
import { Redacted } from "../../model/security.ts";
import { emitCluster } from "../clusters/index.ts";
import { emitEndpoints } from "../endpoints/index.ts";
import { emitListener } from "../listeners/index.ts";
import type { EmittedResource } from "../resource.ts";
import { emitRouteTable } from "../routes/index.ts";
import { routeTable } from "../routes/route-plan-builder.ts";
import { emitSecret } from "../secrets/index.ts";
import { checkMessage, formatPath } from "./index.ts";
import { messageCheck } from "./message-check.ts";
import { compileValueRules } from "./value-rules.ts";

function violations({ schema, message }: Pick<EmittedResource, "schema" | "message">): string[] {
  return checkMessage(schema, message, registry).map(({ path, message }) => `${formatPath(path)} ${message}`);
}

function ofJson(schema: DescMessage, json: JsonValue): string[] {
  return violations({ schema, message: fromJson(schema, json, { registry }) });
}

test("every rule in Envoy's descriptors has a check", (t) => {
  let count = 0;
  for (const type of fullRegistry()) {
    if (type.kind !== "message") continue;
    t.notThrows(() => messageCheck(type), type.typeName);
    count++;
  }
  t.true(count > 1500);
});

test("what stage 5 writes is in order", (t) => {
  const files = { certificate: "/c", privateKey: "/k", ca: "/r" };
  for (const [title, plan] of Object.entries(clusterVariants(files))) {
    t.deepEqual(violations(emitCluster(plan)), [], title);
  }
  for (const plan of listenerVariants(files)) {
    t.deepEqual(violations(emitListener(plan, new Map())), [], plan.name);
  }
  for (const [title, route] of Object.entries(routeVariants)) {
    t.deepEqual(violations(emitRouteTable(routeTable([route]))), [], title);
  }
  t.deepEqual(violations(emitEndpoints(endpointsPlan())), []);
});

const broken: Readonly<Record<string, Partial<ClusterPlan>>> = {
  "connect_timeout must not be negative": { connectTimeoutMs: -1 },
  "connect_timeout must be more than 0s": { connectTimeoutMs: 0 },
  "outlier_detection.max_ejection_percent must be at most 100": {
    outlierDetection: { splitExternalLocalOriginErrors: false, maxEjectionPercent: 101 },
  },
  "outlier_detection.interval must be more than 0s": {
    outlierDetection: { splitExternalLocalOriginErrors: false, intervalMs: 0 },
  },
  "common_lb_config.healthy_panic_threshold.value must be at most 100": {
    outlierDetection: { splitExternalLocalOriginErrors: false, minHealthPercent: 101 },
  },
  "typed_extension_protocol_options.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.explicit_http_config.http2_protocol_options.max_concurrent_streams must be at least 1":
    { protocol: "http2", connectionPool: connectionPool({ http: { maxConcurrentStreams: 0 } }) },
  "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value must be at most 65535":
    { discovery: { type: "static", endpoints: endpointsPlan([{ port: 65_536 }]) } },
  "load_balancing_policy.policies[0].typed_extension_config.typed_config.table_size must be a prime number": {
    loadBalancer: {
      algorithm: { type: "consistent-hash", key: { type: "source-ip" }, table: { type: "maglev", size: 9 } },
    },
  },
};

for (const [expected, changes] of Object.entries(broken)) {
  test(`a broken cluster: ${expected}`, (t) => {
    const { schema, message } = emitCluster(clusterPlan(changes));
    t.deepEqual(violations({ schema, message }), [expected]);
    // Decoded, its packed messages are no longer those that stage 5 packed, and are looked into as bytes.
    const decoded = fromBinary(schema, toBinary(schema, message));
    t.deepEqual(violations({ schema, message: decoded }), [expected]);
  });
}

test("lengths of texts with characters of two code units", (t) => {
  const check = compileValueRules({ string: { minLen: "3" } });
  for (const [text, holds] of [
    ["ab", false],
    ["abc", true],
    ["\u{1f600}b", false],
    ["\u{1f600}bc", true],
    ["\u{1f600}\u{1f600}", false],
    ["\u{1f600}\u{1f600}\u{1f600}", true],
  ] as const) {
    t.is(check?.(text) === undefined, holds, text);
  }
});

test("a bad path template is found inside a filter inside a connection manager", (t) => {
  const rbac = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
    rules: {
      policies: {
        p: {
          permissions: [
            {
              uriTemplate: {
                name: "template",
                typedConfig: {
                  "@type":
                    "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
                  pathTemplate: "/{*}/x",
                },
              },
            },
          ],
          principals: [{ any: true }],
        },
      },
    },
  };
  const manager = {
    "@type":
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    statPrefix: "s",
    rds: { routeConfigName: "r", configSource: { ads: {} } },
    httpFilters: [{ name: "envoy.filters.http.rbac", typedConfig: rbac }],
  };
  const listener = {
    name: "l",
    address: { socketAddress: { address: "0.0.0.0", portValue: 80 } },
    filterChains: [{ filters: [{ name: "hcm", typedConfig: manager }] }],
  };
  const [violation, ...others] = ofJson(ListenerSchema, listener);
  t.deepEqual(others, []);
  t.true(
    violation?.startsWith(
      "filter_chains[0].filters[0].typed_config.http_filters[0].typed_config.rules.policies.p.permissions[0].uri_template.typed_config.path_template is not a path template",
    ),
    violation,
  );
});

test("the violations of one virtual host name it, and the others are not blamed", (t) => {
  const host = (name: string, cluster: string) => ({
    name,
    domains: [name],
    routes: [{ match: { prefix: "/" }, route: { cluster } }],
  });
  const table = { name: "80", virtualHosts: [host("a", "c"), host("b", ""), host("c", "c")] };
  t.deepEqual(ofJson(RouteConfigurationSchema, table), [
    "virtual_hosts[1].routes[0].route.cluster must not be empty",
  ]);
});

test("an endpoint of a service must have an address; a cluster that resolves may have a name", (t) => {
  const plan = endpointsPlan([{ address: "reviews.example.com" }]);
  t.deepEqual(violations(emitEndpoints(plan)), [
    "endpoints[0].lb_endpoints[0].endpoint.address must be an IP address",
  ]);
  const resolving = clusterPlan({ discovery: { type: "strict-dns", endpoints: plan, refreshMs: 5000 } });
  t.deepEqual(violations(emitCluster(resolving)), []);
});

test("locality weights of one priority must fit 32 bits together", (t) => {
  const locality = (priority: number) => ({ priority, loadBalancingWeight: 4294967295 });
  t.is(
    ofJson(ClusterLoadAssignmentSchema, { clusterName: "c", endpoints: [locality(0), locality(1)] }).length,
    0,
  );
  t.is(
    ofJson(ClusterLoadAssignmentSchema, { clusterName: "c", endpoints: [locality(0), locality(0)] }).length,
    1,
  );
});

test("a secret without material is found", (t) => {
  const credential = { name: "shop", namespace: "edge", certificate: "C", lifetimes: [], origin: someOrigin };
  const plan = { name: "kubernetes://shop", part: "certificate", credential, origins: [] } as const;
  t.deepEqual(violations(emitSecret(plan)), ["tls_certificate.private_key is required"]);
  const whole = { ...plan, credential: { ...credential, privateKey: new Redacted("K") } };
  t.deepEqual(violations(emitSecret(whole)), []);
  t.deepEqual(violations(emitSecret({ ...plan, part: "ca" })), ["validation_context.trusted_ca is required"]);
  t.deepEqual(ofJson(SecretSchema, { name: "s" }), [" must have a certificate or a validation context"]);
});

test("packed bytes that do not decode are found; types that nobody knows are left to Envoy", (t) => {
  const packed = (typeName: string) =>
    create(ClusterSchema, {
      name: "c",
      typedExtensionProtocolOptions: {
        x: create(AnySchema, { typeUrl: `type.googleapis.com/${typeName}`, value: new Uint8Array([0xff]) }),
      },
    });
  const name = HttpProtocolOptionsSchema.typeName;
  const bad = violations({ schema: ClusterSchema, message: packed(name) });
  t.deepEqual(bad, [`typed_extension_protocol_options.x does not decode as ${name}`]);
  t.deepEqual(violations({ schema: ClusterSchema, message: packed("example.Unknown") }), []);
});

test("lengths count characters and bytes, not code units", (t) => {
  const header = (length: number) => ofJson(HeaderValueSchema, { key: "k", value: "é".repeat(length) });
  t.deepEqual(header(8192), []);
  t.deepEqual(header(8193), ["value must have at most 16384 bytes"]);
});

test("header values may not break the line", (t) => {
  t.deepEqual(ofJson(HeaderValueSchema, { key: "k", value: "a\r\nb" }), [
    "value must be a valid HTTP header value",
  ]);
});
