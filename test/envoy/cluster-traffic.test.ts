// What a real Envoy does with clusters that stage 5 wrote: whom it trusts, when it gives up, what it offers.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import test, { type ExecutionContext } from "ava";
import type { ClusterPlan, EndpointPlan } from "../../compiler/4-view/plan/index.ts";
import { emitCluster } from "../../compiler/5-emit/clusters/index.ts";
import { emitEndpoints } from "../../compiler/5-emit/endpoints/index.ts";
import {
  clusterPlan,
  type Echo,
  endpointsPlan,
  issueTestCertificate,
  type Response,
  request,
  selfSignedTestCertificate,
  startEchoServer,
  startEnvoy,
  staticBootstrap,
  type TestCertificate,
  testRoot,
} from "./index.ts";

const identity = "spiffe://cluster.local/ns/default/sa/reviews";
const sni = "outbound_.9080_._.reviews.default.svc.cluster.local";

interface Passage {
  send(): Promise<Response>;
  /** The sum of all stats whose name matches. */
  count(stat: string): Promise<number>;
}

/** An Envoy with one listener that forwards everything to the cluster. */
async function through(
  t: ExecutionContext,
  plan: Partial<ClusterPlan>,
  endpoints: readonly Partial<EndpointPlan>[],
): Promise<Passage> {
  const cluster = clusterPlan(plan);
  const resources = [emitCluster(cluster), emitEndpoints(endpointsPlan(endpoints))];
  const bootstrap = JSON.parse(staticBootstrap(resources));
  bootstrap.staticResources.listeners = [forwarding(cluster.name)];
  const envoy = await startEnvoy({ bootstrap: JSON.stringify(bootstrap) });
  t.teardown(() => envoy.stop());
  await envoy.ready();
  const port = await envoy.listenerPort("in");
  return {
    send: () => request({ port, headers: { host: "reviews" } }),
    async count(stat) {
      const stats = await envoy.stats(stat);
      return [...stats.values()].reduce((sum, value) => sum + value, 0);
    },
  };
}

function forwarding(cluster: string): unknown {
  const extensions = "type.googleapis.com/envoy.extensions.filters";
  const routes = [{ match: { prefix: "/" }, route: { cluster } }];
  return {
    name: "in",
    address: { socketAddress: { address: "127.0.0.1", portValue: 0 } },
    filterChains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typedConfig: {
              "@type": `${extensions}.network.http_connection_manager.v3.HttpConnectionManager`,
              statPrefix: "in",
              routeConfig: { virtualHosts: [{ name: "all", domains: ["*"], routes }] },
              httpFilters: [
                {
                  name: "envoy.filters.http.router",
                  typedConfig: { "@type": `${extensions}.http.router.v3.Router` },
                },
              ],
            },
          },
        ],
      },
    ],
  };
}

/** A server of the mesh: asks for a certificate of the same root and tells what the client showed and offered. */
async function startMeshServer(t: ExecutionContext, own: TestCertificate): Promise<number> {
  const server = createServer(
    {
      cert: own.certificate,
      key: own.privateKey,
      ca: testRoot,
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ["istio-http/1.1"],
    },
    (incoming, response) => {
      const socket = incoming.socket as TLSSocket & { readonly servername?: string };
      const client = socket.getPeerCertificate().subjectaltname;
      response.end(JSON.stringify({ alpn: socket.alpnProtocol, sni: socket.servername, client }));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.serial(
  "mesh TLS shows the workload's certificate, the SNI of the cluster and the mesh's ALPN",
  async (t) => {
    const port = await startMeshServer(t, await issueTestCertificate(identity));
    const endpoint = { address: "127.0.0.1", port };
    const { send } = await through(t, { tls: { type: "mesh-auto", sans: [identity], sni } }, [endpoint]);
    const { status, body } = await send();
    t.is(status, 200, body);
    t.deepEqual(JSON.parse(body), {
      alpn: "istio-http/1.1",
      sni,
      client: "URI:spiffe://cluster.local/ns/default/sa/default",
    });
  },
);

test.serial("mesh TLS refuses a server with another identity", async (t) => {
  const port = await startMeshServer(t, await issueTestCertificate(`${identity}-impostor`));
  const endpoint = { address: "127.0.0.1", port };
  const { send, count } = await through(t, { tls: { type: "mesh", sans: [identity], sni } }, [endpoint]);
  t.is((await send()).status, 503);
  t.true((await count("ssl.fail_verify_san$")) > 0);
});

test.serial("mesh TLS that takes any identity still wants one of the mesh's own", async (t) => {
  const port = await startMeshServer(t, await selfSignedTestCertificate(identity));
  const endpoint = { address: "127.0.0.1", port };
  const { send, count } = await through(t, { tls: { type: "mesh", sans: [], sni } }, [endpoint]);
  t.is((await send()).status, 503);
  t.true((await count("ssl.fail_verify_error$")) > 0);
});

test.serial("auto mTLS speaks plain text to an endpoint that takes no mutual TLS", async (t) => {
  const server = await startEchoServer({ name: "plain" });
  t.teardown(() => server.stop());
  const endpoint = { address: server.host, port: server.port, mtls: false };
  const { send } = await through(t, { tls: { type: "mesh-auto", sans: [identity], sni } }, [endpoint]);
  const echo: Echo = JSON.parse((await send()).body);
  t.is(echo.server, "plain");
});

test.serial("endpoints known to be unhealthy get nothing, even when there are no others", async (t) => {
  const server = await startEchoServer({ name: "unready" });
  t.teardown(() => server.stop());
  const endpoint = { address: server.host, port: server.port, mtls: false, state: "unhealthy" } as const;
  const { send } = await through(t, {}, [endpoint]);
  t.is((await send()).status, 503);
  t.is(server.hits, 0);
});

test.serial("a minimum of health makes Envoy panic below it and try them all", async (t) => {
  const server = await startEchoServer({ name: "unready" });
  t.teardown(() => server.stop());
  const endpoint = { address: server.host, port: server.port, mtls: false, state: "unhealthy" } as const;
  const outlierDetection = { splitExternalLocalOriginErrors: false, minHealthPercent: 50 };
  const { send } = await through(t, { outlierDetection }, [endpoint]);
  t.is((await send()).status, 200);
});

test.serial("HTTP/2 clusters speak HTTP/2", async (t) => {
  const server = await startEchoServer({ name: "grpc", protocol: "http2" });
  t.teardown(() => server.stop());
  const endpoint = { address: server.host, port: server.port, mtls: false };
  const { send } = await through(t, { protocol: "http2" }, [endpoint]);
  const echo: Echo = JSON.parse((await send()).body);
  t.is(echo.httpVersion, "2.0");
});

test.serial("a name is resolved, by one DNS cluster extension for both kinds", async (t) => {
  const hosts = readFileSync("/etc/hosts", "utf8");
  t.regex(hosts, /127\.0\.0\.1\s.*localhost/, "this test needs localhost in /etc/hosts");
  const server = await startEchoServer({ name: "named" });
  t.teardown(() => server.stop());
  const endpoints = endpointsPlan([{ address: "localhost", port: server.port, mtls: false }]);
  for (const type of ["strict-dns", "logical-dns"] as const) {
    const { send } = await through(t, { discovery: { type, endpoints, refreshMs: 5000 } }, []);
    t.is((await send()).status, 200, type);
  }
  t.is(server.hits, 2);
});
