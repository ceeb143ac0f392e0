// A client of a benchmark at a server that says what it is told to: what an Envoy would ask for, and when it has it all.

import { once } from "node:events";
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { VirtualHostSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { HttpConnectionManagerSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { nodeOf, sidecar } from "../sidecars.ts";
import { referenceSize } from "../synthetic-mesh.ts";
import { connectClient } from "./client.ts";

type Call = ServerDuplexStream<Buffer, Buffer>;

const asTheyAre = (bytes: Buffer) => bytes;
const service = {
  deltaAggregatedResources: {
    path: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    requestStream: true,
    responseStream: true,
    requestSerialize: asTheyAre,
    requestDeserialize: asTheyAre,
    responseSerialize: asTheyAre,
    responseDeserialize: asTheyAre,
  },
};

/** Hands out calls and their requests one by one. */
async function startScripted(t: ExecutionContext) {
  const server = new Server();
  const calls: Call[] = [];
  const events = new EventTarget();
  server.addService(service, {
    deltaAggregatedResources: (call: Call) => {
      call.pause();
      call.on("error", () => undefined);
      calls.push(call);
      events.dispatchEvent(new Event("call"));
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  t.teardown(() => server.forceShutdown());
  return {
    port,
    nextCall: async () => {
      if (calls.length === 0) await once(events, "call");
      const call = calls.shift();
      if (!call) throw new Error("no call");
      return scriptOf(call);
    },
  };
}

function scriptOf(call: Call) {
  const heard: DeltaDiscoveryRequest[] = [];
  const waiting: ((request: DeltaDiscoveryRequest) => void)[] = [];
  call.on("data", (bytes: Buffer) => {
    const request = fromBinary(DeltaDiscoveryRequestSchema, bytes);
    const take = waiting.shift();
    if (take) take(request);
    else heard.push(request);
  });
  call.resume();
  return {
    heard,
    /** The next request. */
    hear: () => {
      const first = heard.shift();
      if (first) return Promise.resolve(first);
      const { promise, resolve } = Promise.withResolvers<DeltaDiscoveryRequest>();
      waiting.push(resolve);
      return promise;
    },
    say: <D extends DescMessage>(
      schema: D,
      nonce: string,
      resources: readonly { readonly name: string; readonly init: MessageInitShape<D> }[],
    ) => {
      const response = create(DeltaDiscoveryResponseSchema, {
        typeUrl: `type.googleapis.com/${schema.typeName}`,
        nonce,
        resources: resources.map(({ name, init }) => ({
          name,
          version: `${name}-${nonce}`,
          resource: anyPack(schema, create(schema, init)),
        })),
      });
      call.write(Buffer.from(toBinary(DeltaDiscoveryResponseSchema, response)));
    },
  };
}

const typeOf = ({ typeUrl }: DeltaDiscoveryRequest) => typeUrl.slice(typeUrl.lastIndexOf(".") + 1);

test("virtual hosts are asked for once, are waited for, and are spoken of after a move", async (t) => {
  const server = await startScripted(t);
  const client = connectClient(
    { node: nodeOf(sidecar(0, referenceSize, false), true) },
    server.port,
    undefined,
  );
  t.teardown(() => client.close());
  let configured = false;
  const done = client.configured.then(() => {
    configured = true;
  });
  const first = await server.nextCall();
  const hello = await first.hear();
  t.is(typeOf(hello), "Cluster");
  const agent = hello.node?.userAgentVersionType;
  t.is(hello.node?.userAgentName, "envoy");
  t.is(agent?.case === "userAgentBuildVersion" ? agent.value.version?.minorNumber : undefined, 40);

  first.say(ClusterSchema, "1", [{ name: "c", init: { name: "c", edsClusterConfig: {} } }]);
  const endpoints = await first.hear();
  t.deepEqual([typeOf(endpoints), endpoints.resourceNamesSubscribe], ["ClusterLoadAssignment", ["c"]]);
  const ack = await first.hear();
  t.deepEqual([typeOf(ack), ack.responseNonce], ["Cluster", "1"]);
  first.say(ClusterLoadAssignmentSchema, "2", [{ name: "c", init: { clusterName: "c" } }]);
  t.is((await first.hear()).responseNonce, "2");

  t.is(typeOf(await first.hear()), "Listener");
  const manager = create(HttpConnectionManagerSchema, {
    statPrefix: "x",
    routeSpecifier: { case: "rds", value: { routeConfigName: "8080" } },
  });
  const typedConfig = { case: "typedConfig", value: anyPack(HttpConnectionManagerSchema, manager) } as const;
  const filterChains = [{ filters: [{ name: "http", configType: typedConfig }] }];
  first.say(ListenerSchema, "3", [{ name: "l", init: { name: "l", filterChains } }]);
  const routes = await first.hear();
  t.deepEqual([typeOf(routes), routes.resourceNamesSubscribe], ["RouteConfiguration", ["8080"]]);
  t.is((await first.hear()).responseNonce, "3");

  first.say(RouteConfigurationSchema, "4", [{ name: "8080", init: { name: "8080", vhds: {} } }]);
  const hosts = await first.hear();
  t.is(typeOf(hosts), "VirtualHost");
  t.deepEqual(hosts.resourceNamesSubscribe, []);
  t.is((await first.hear()).responseNonce, "4");
  t.false(configured, "a table without its virtual hosts is not all");

  first.say(VirtualHostSchema, "5", [
    { name: "8080/a", init: { name: "a", domains: ["a"] } },
    { name: "8080/b", init: { name: "b", domains: ["b"] } },
  ]);
  t.is((await first.hear()).responseNonce, "5");
  await done;
  // The same table again asks for nothing.
  first.say(RouteConfigurationSchema, "6", [{ name: "8080", init: { name: "8080", vhds: {} } }]);
  const again = await first.hear();
  t.deepEqual([typeOf(again), again.responseNonce], ["RouteConfiguration", "6"]);

  client.prepareMove();
  client.move(server.port);
  const second = await server.nextCall();
  const greetings = [];
  for (let count = 0; count < 5; count += 1) greetings.push(await second.hear());
  t.deepEqual(
    greetings.map((request) => [
      typeOf(request),
      request.resourceNamesSubscribe.join(),
      Object.entries(request.initialResourceVersions).join(" "),
    ]),
    [
      ["Cluster", "", "c,c-1"],
      ["ClusterLoadAssignment", "c", "c,c-2"],
      ["Listener", "", "l,l-3"],
      ["RouteConfiguration", "8080", "8080,8080-6"],
      ["VirtualHost", "", "8080/a,8080/a-5 8080/b,8080/b-5"],
    ],
  );
  t.deepEqual(
    greetings.map(({ node }) => node !== undefined),
    [true, false, false, false, false],
  );
});
