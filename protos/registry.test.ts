import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { TcpProxySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";

const tcpProxy = create(TcpProxySchema, {
  statPrefix: "in",
  clusterSpecifier: { case: "cluster", value: "reviews" },
});
const listener = create(ListenerSchema, {
  name: "virtualInbound",
  filterChains: [
    {
      filters: [
        {
          name: "tcp",
          configType: { case: "typedConfig", value: anyPack(TcpProxySchema, tcpProxy) },
        },
      ],
    },
  ],
});
const json = {
  name: "virtualInbound",
  filterChains: [
    {
      filters: [
        {
          name: "tcp",
          typedConfig: {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
            statPrefix: "in",
            cluster: "reviews",
          },
        },
      ],
    },
  ],
};

test("prints an Any packed with a generated type, expanded", (t) => {
  t.deepEqual(toJson(ListenerSchema, listener, { registry }), json);
});

test("reads an expanded Any back to the same message", (t) => {
  t.deepEqual(fromJson(ListenerSchema, json, { registry }), listener);
});

test("unpacks an Any of any type in the binary", (t) => {
  const unpacked = anyUnpack(anyPack(TcpProxySchema, tcpProxy), registry);
  t.is(unpacked?.$typeName, "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy");
  t.is(
    registry.getMessage("envoy.extensions.filters.http.mcp.v3.Mcp")?.file.name,
    "envoy/extensions/filters/http/mcp/v3/mcp",
  );
});
