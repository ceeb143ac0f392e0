import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { HttpConnectionManagerSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { TcpProxySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import test from "ava";
import { endpointsOf, hasVhds, routesOf } from "./references.ts";

const resource = (name: string, body: Uint8Array) => ({ name, version: "1", body: Buffer.from(body) });

test("a cluster asks for endpoints by service name, by its own name, or not at all", (t) => {
  const asks = (init: MessageInitShape<typeof ClusterSchema>) =>
    endpointsOf(resource("c", toBinary(ClusterSchema, create(ClusterSchema, { name: "c", ...init }))));
  t.deepEqual(asks({ edsClusterConfig: { serviceName: "s" } }), ["s"]);
  t.deepEqual(asks({ edsClusterConfig: {} }), ["c"]);
  t.deepEqual(asks({ altStatName: "elsewhere" }), []);
});

test("a listener asks for the tables of all of its chains, each once", (t) => {
  const manager = (routeConfigName: string) =>
    create(HttpConnectionManagerSchema, {
      statPrefix: "in",
      routeSpecifier: { case: "rds", value: { routeConfigName } },
    });
  const filter = (value: ReturnType<typeof manager>) => ({
    name: "http",
    configType: { case: "typedConfig", value: anyPack(HttpConnectionManagerSchema, value) } as const,
  });
  const tcp = {
    name: "tcp",
    configType: {
      case: "typedConfig",
      value: anyPack(
        TcpProxySchema,
        create(TcpProxySchema, { statPrefix: "x", accessLog: [{ name: "log" }] }),
      ),
    } as const,
  };
  const listener = create(ListenerSchema, {
    name: "l",
    filterChains: [
      { filters: [filter(manager("8080"))] },
      { filters: [tcp] },
      { filters: [filter(manager("8080"))] },
    ],
    defaultFilterChain: { filters: [filter(manager("9090"))] },
  });
  t.deepEqual(routesOf(resource("l", toBinary(ListenerSchema, listener))), ["8080", "9090"]);
});

test("a route table says whether its virtual hosts come one by one", (t) => {
  const table = (init: MessageInitShape<typeof RouteConfigurationSchema>) =>
    hasVhds(resource("8080", toBinary(RouteConfigurationSchema, create(RouteConfigurationSchema, init))));
  t.true(table({ name: "8080", vhds: {}, validateClusters: false }));
  t.false(table({ name: "8080", validateClusters: false, mostSpecificHeaderMutationsWins: true }));
});
