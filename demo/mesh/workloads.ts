// Which proxies and applications a demo consists of. In: the mesh that the example's files describe. Out: one workload each,
// with the addresses that the files give it. Pure.

import { type Mesh, type MeshProxy, proxiesOf } from "#compiler";
import type { ApplicationConfig, Endpoint } from "../app/index.ts";

/** One Envoy, and the application behind it unless it is the gateway. */
export interface DemoWorkload {
  readonly proxy: MeshProxy;
  readonly admin: Endpoint;
  readonly application?: ApplicationConfig;
}

// As in examples/bookinfo/mesh/sidecar.yaml.
const applicationPort = 19_080;
const adminPort = 15_000;

/** Whom an application calls: plain URLs, as it would without a mesh. */
function callsOf(app: string, version: string): readonly string[] | undefined {
  switch (app) {
    case "productpage":
      return ["http://details:9080/details/0", "http://reviews:9080/reviews/0"];
    case "reviews":
      return version === "v1" ? [] : ["http://ratings:9080/ratings/0"];
    case "details":
    case "ratings":
      return [];
    default:
      return undefined;
  }
}

/** Sorted by name. Workloads that we have no application for are left out, unless they are gateways. */
export function demoWorkloads(mesh: Mesh): readonly DemoWorkload[] {
  return proxiesOf(mesh).flatMap((proxy): readonly DemoWorkload[] => {
    const { ip, labels } = proxy;
    if (ip === "") return [];
    const admin = { host: ip, port: adminPort };
    const { app: service = "", version = "v1" } = labels;
    const calls = callsOf(service, version);
    if (calls === undefined) {
      return labels.istio === "ingressgateway" ? [{ proxy: { ...proxy, type: "router" }, admin }] : [];
    }
    const application: ApplicationConfig = {
      service,
      version,
      listen: { host: ip, port: applicationPort },
      proxy: { host: ip, port: mesh.config.proxyHttpPort },
      calls,
    };
    return [{ proxy: { ...proxy, type: "sidecar" }, admin, application }];
  });
}
