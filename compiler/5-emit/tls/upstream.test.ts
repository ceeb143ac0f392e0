import { create, type JsonObject, toJson } from "@bufbuild/protobuf";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";
import type { UpstreamTlsPlan } from "../../4-view/plan/index.ts";
import { upstreamTransport } from "./upstream.ts";

interface Transport {
  readonly transportSocket?: { readonly name: string; readonly typedConfig: JsonObject };
  readonly transportSocketMatches?: readonly {
    readonly name: string;
    readonly match: JsonObject;
    readonly transportSocket: { readonly name: string; readonly typedConfig: JsonObject };
  }[];
}

function transport(...args: Parameters<typeof upstreamTransport>): Transport {
  const cluster = create(ClusterSchema, upstreamTransport(...args));
  return toJson(ClusterSchema, cluster, { registry }) as unknown as Transport;
}

function contextOf(tls: UpstreamTlsPlan, protocol: Parameters<typeof upstreamTransport>[1] = "http1") {
  const config = transport(tls, protocol, undefined).transportSocket?.typedConfig;
  return { sni: config?.sni, common: config?.commonTlsContext as JsonObject };
}

const ads = { ads: {}, initialFetchTimeout: "0s", resourceApiVersion: "V3" };
const mesh = { type: "mesh", sans: [], sni: "outbound_.80_._.a.b" } as const;
const external = {
  type: "external",
  sans: [],
  insecureSkipVerify: false,
  ca: { type: "system" },
} as const satisfies UpstreamTlsPlan;

test("mesh TLS verifies the chain against the mesh roots even when any name will do", (t) => {
  const { sni, common } = contextOf(mesh);
  t.is(sni, mesh.sni);
  t.deepEqual(common.tlsCertificateSdsSecretConfigs, [{ name: "default", sdsConfig: ads }]);
  t.deepEqual(common.combinedValidationContext, {
    defaultValidationContext: {},
    validationContextSdsSecretConfig: { name: "ROOTCA", sdsConfig: ads },
  });
});

test("mesh TLS matches the identities of the service, sorted", (t) => {
  const { common } = contextOf({ ...mesh, sans: ["spiffe://b", "spiffe://a", "spiffe://b"] });
  const validation = common.combinedValidationContext as JsonObject;
  t.deepEqual(validation.defaultValidationContext, {
    matchTypedSubjectAltNames: [
      { sanType: "URI", matcher: { exact: "spiffe://a" } },
      { sanType: "URI", matcher: { exact: "spiffe://b" } },
    ],
  });
});

test("mesh TLS offers the protocol in its ALPN", (t) => {
  const alpn = (protocol: Parameters<typeof upstreamTransport>[1]) =>
    contextOf(mesh, protocol).common.alpnProtocols;
  t.deepEqual(alpn("http1"), ["istio-http/1.1", "istio", "http/1.1"]);
  t.deepEqual(alpn("http2"), ["istio-h2", "istio", "h2"]);
  t.deepEqual(alpn("tcp"), ["istio"]);
  t.deepEqual(alpn("downstream"), ["istio"]);
});

test("auto mTLS goes by the endpoint", (t) => {
  const { transportSocket, transportSocketMatches } = transport(
    { ...mesh, type: "mesh-auto" },
    "http1",
    undefined,
  );
  t.is(transportSocket, undefined);
  t.deepEqual(
    transportSocketMatches?.map(({ name, match, transportSocket: { name: socket } }) => [
      name,
      match,
      socket,
    ]),
    [
      ["tlsMode-istio", { tlsMode: "istio" }, "envoy.transport_sockets.tls"],
      ["tlsMode-disabled", {}, "envoy.transport_sockets.raw_buffer"],
    ],
  );
});

test("PROXY protocol wraps every socket", (t) => {
  const wrapped = transport({ ...mesh, type: "mesh-auto" }, "http1", "V2").transportSocketMatches ?? [];
  t.is(wrapped.length, 2);
  for (const { transportSocket } of wrapped) {
    t.is(transportSocket.name, "envoy.transport_sockets.upstream_proxy_protocol");
    t.deepEqual(transportSocket.typedConfig.config, { version: "V2" });
  }
  t.deepEqual(transport({ type: "none" }, "tcp", undefined), {});
});

test("names of an external certificate are matched by what they are", (t) => {
  const sans = ["www.example.com", "10.1.2.3", "fd00::1", "spiffe://a", "a@example.com"];
  const { common } = contextOf({ ...external, sans });
  const { matchTypedSubjectAltNames: matchers } = common.validationContext as JsonObject;
  t.deepEqual(
    (matchers as JsonObject[]).map(({ sanType }) => sanType),
    ["IP_ADDRESS", "EMAIL", "IP_ADDRESS", "URI", "DNS"],
  );
});

test("only an explicit wish gives up verification", (t) => {
  const trusted = contextOf(external).common.validationContext as JsonObject;
  t.deepEqual(trusted.trustedCa, { filename: "/etc/ssl/certs/ca-certificates.crt" });
  const blind = contextOf({ ...external, insecureSkipVerify: true, sans: ["a.b"] });
  t.deepEqual(blind.common.validationContext, { trustChainVerification: "ACCEPT_UNTRUSTED" });
});

test("credentials by SDS are referred to with one and the same source", (t) => {
  const { common } = contextOf({
    ...external,
    certificate: { type: "sds", name: "kubernetes://client" },
    ca: { type: "sds", name: "kubernetes://client-cacert" },
  });
  t.deepEqual(common.tlsCertificateSdsSecretConfigs, [{ name: "kubernetes://client", sdsConfig: ads }]);
  const validation = common.combinedValidationContext as JsonObject;
  t.deepEqual(validation.validationContextSdsSecretConfig, {
    name: "kubernetes://client-cacert",
    sdsConfig: ads,
  });
});
