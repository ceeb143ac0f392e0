// A mesh of any size as policy texts, the same for the same numbers: what the benchmarks compile and serve.

import type { PolicyFile } from "#compiler";

export interface MeshSize {
  readonly services: number;
  readonly endpointsPerService: number;
  readonly routeSets: number;
  readonly destinationRules: number;
  readonly namespaces: number;
}

/** Issue figures: 1,000 services, 100 VirtualServices, 100 DestinationRules. */
export const referenceSize: MeshSize = {
  services: 1_000,
  endpointsPerService: 2,
  routeSets: 100,
  destinationRules: 100,
  namespaces: 10,
};

/** As many services, with one VirtualService and one DestinationRule for ten of them as at the reference size. */
export function sizeOf(services: number, like: MeshSize): MeshSize {
  const tenth = Math.max(1, Math.round(services / 10));
  return { ...like, services, routeSets: tenth, destinationRules: tenth };
}

export const port = 8080;

export function namespaceOf(index: number, size: MeshSize): string {
  return `ns-${index % size.namespaces}`;
}

/** One file per object group, as a repository would have it. */
export function syntheticMesh(size: MeshSize): readonly PolicyFile[] {
  const files: PolicyFile[] = [];
  for (let index = 0; index < size.services; index += 1) {
    files.push({ name: `services/svc-${index}.yaml`, text: serviceText(index, size) });
  }
  for (let index = 0; index < size.destinationRules; index += 1) {
    files.push({ name: `rules/svc-${index}.yaml`, text: ruleText(index, size) });
  }
  for (let index = 0; index < size.routeSets; index += 1) {
    files.push(routeFile(index, size, 80));
  }
  return files;
}

/** The route file of a service, with a weight that a benchmark may change. `mark` becomes the name of a route. */
export function routeFile(index: number, size: MeshSize, weight: number, mark?: string): PolicyFile {
  return { name: `routes/svc-${index}.yaml`, text: routeText(index, size, weight, mark) };
}

/** The file of a service with its endpoints; `moved` takes the place of the last one's address, where no sidecar is. */
export function endpointsFile(index: number, size: MeshSize, moved: string): PolicyFile {
  return { name: `services/svc-${index}.yaml`, text: serviceText(index, size, moved) };
}

/** A service that the mesh does not have, with one endpoint. */
export function newServiceFile(name: string, address: string): PolicyFile {
  return {
    name: `services/${name}.yaml`,
    text: `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ${name}
  namespace: ns-0
spec:
  hosts: [${name}.example.com]
  ports: [{ number: ${port}, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: ${address} }]
`,
  };
}

/** The address of an endpoint of a service. */
export function addressOf(index: number, endpoint: number): string {
  return `10.${Math.floor(index / 250) + 1}.${index % 250}.${1 + endpoint}`;
}

function serviceText(index: number, size: MeshSize, moved?: string): string {
  const namespace = namespaceOf(index, size);
  const addresses = Array.from({ length: size.endpointsPerService }, (_, each) =>
    each === size.endpointsPerService - 1 && moved !== undefined ? moved : addressOf(index, each),
  );
  return `apiVersion: v1
kind: Service
metadata:
  name: svc-${index}
  namespace: ${namespace}
spec:
  clusterIP: 172.${16 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${(index % 250) + 1}
  ports:
    - name: http
      port: ${port}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: svc-${index}
  namespace: ${namespace}
  labels:
    kubernetes.io/service-name: svc-${index}
addressType: IPv4
ports:
  - name: http
    port: ${port}
endpoints:
${addresses.map((address) => `  - addresses: [${address}]\n    conditions: { ready: true }`).join("\n")}
`;
}

function ruleText(index: number, size: MeshSize): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: svc-${index}
  namespace: ${namespaceOf(index, size)}
spec:
  host: svc-${index}
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 100
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
`;
}

function routeText(index: number, size: MeshSize, weight: number, mark?: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: svc-${index}
  namespace: ${namespaceOf(index, size)}
spec:
  hosts:
    - svc-${index}
  http:
    - match:
        - headers:
            end-user:
              exact: jason
      route:
        - destination:
            host: svc-${index}
            subset: v2
    - ${mark === undefined ? "" : `name: ${mark}\n      `}route:
        - destination:
            host: svc-${index}
            subset: v1
          weight: ${weight}
        - destination:
            host: svc-${index}
            subset: v2
          weight: ${100 - weight}
`;
}
