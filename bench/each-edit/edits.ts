// Edits of one file each, one for every kind of object that people edit, beside the synthetic mesh and a gateway for all of it.

import type { PolicyFile } from "#compiler";
import { addressOf, endpointsFile, type MeshSize, namespaceOf, routeFile } from "../synthetic-mesh.ts";

/** What everybody comes in by: every route set is bound to it. */
export const gatewayFile = object(
  "networking.istio.io/v1",
  "Gateway",
  "everything",
  "istio-system",
  '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*/*"]}]}',
);

/** The route file of a service, for sidecars and for the gateway. */
export function boundRouteFile(index: number, size: MeshSize, weight: number): PolicyFile {
  const { name, text } = routeFile(index, size, weight);
  return { name, text: text.replace("  hosts:", "  gateways: [mesh, istio-system/everything]\n  hosts:") };
}

export interface Editor {
  readonly what: string;
  /** The file of the nth edit, which differs from that of the one before. */
  file(turn: number): PolicyFile;
}

export function editorsFor(size: MeshSize): readonly Editor[] {
  const last = size.services - 1;
  const host = (index: number) => `svc-${index}.${namespaceOf(index, size)}.svc.cluster.local`;
  const istio = (group: string, kind: string, name: string, namespace: string, spec: string) =>
    object(`${group}.istio.io/v1`, kind, name, namespace, spec);
  return [
    {
      what: "endpoints",
      file: (turn) => endpointsFile(turn % size.services, size, `10.200.${turn % 250}.1`),
    },
    { what: "VirtualService", file: (turn) => boundRouteFile(turn % size.routeSets, size, 20 + (turn % 60)) },
    {
      what: "new VirtualService",
      file: (turn) =>
        istio(
          "networking",
          "VirtualService",
          `new-${turn}`,
          namespaceOf(last, size),
          `{hosts: [${host(last - (turn % 50))}], http: [{timeout: 1s, route: [{destination: {host: ${host(last)}}}]}]}`,
        ),
    },
    {
      what: "DestinationRule",
      file: (turn) =>
        istio(
          "networking",
          "DestinationRule",
          "one",
          namespaceOf(last, size),
          `{host: ${host(last)}, trafficPolicy: {connectionPool: {tcp: {maxConnections: ${1 + turn}}}}}`,
        ),
    },
    {
      what: "AuthorizationPolicy of one workload",
      file: (turn) =>
        istio(
          "security",
          "AuthorizationPolicy",
          "one",
          namespaceOf(0, size),
          `{selector: {matchLabels: {app: app-0}}, rules: [{to: [{operation: {ports: ["${1 + turn}"]}}]}]}`,
        ),
    },
    {
      what: "PeerAuthentication of a namespace",
      file: (turn) =>
        istio(
          "security",
          "PeerAuthentication",
          "one",
          namespaceOf(0, size),
          `{mtls: {mode: ${turn % 2 === 0 ? "STRICT" : "PERMISSIVE"}}}`,
        ),
    },
    {
      what: "WorkloadEntry",
      file: (turn) =>
        istio(
          "networking",
          "WorkloadEntry",
          "one",
          namespaceOf(0, size),
          `{address: ${addressOf(turn % 1000, 200)}, labels: {app: one}}`,
        ),
    },
    {
      what: "Gateway",
      file: (turn) =>
        istio(
          "networking",
          "Gateway",
          "another",
          "istio-system",
          `{selector: {istio: ingressgateway}, servers: [{port: {number: 81, name: http, protocol: HTTP}, hosts: ["ns-${turn % 10}/*"]}]}`,
        ),
    },
    {
      what: "ServiceEntry",
      file: (turn) =>
        istio(
          "networking",
          "ServiceEntry",
          "one",
          namespaceOf(0, size),
          `{hosts: [one.example.com], ports: [{number: ${1_000 + turn}, name: http, protocol: HTTP}], resolution: DNS}`,
        ),
    },
  ];
}

function object(apiVersion: string, kind: string, name: string, namespace: string, spec: string): PolicyFile {
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
  return { name: `edited/${kind}-${name}.yaml`, text };
}
