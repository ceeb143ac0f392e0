// Who is in the transparent mesh: addresses, the names that applications call, and the policy files that say so.

export const places = {
  client: "10.77.0.2",
  "reviews-v1": "10.77.0.3",
  "reviews-v2": "10.77.0.4",
  /** In the mesh, without a sidecar. */
  legacy: "10.77.0.5",
  /** Not in the mesh. */
  outside: "203.0.113.9",
} as const;
export type Name = keyof typeof places;

export const virtual = {
  reviews: "10.96.0.10",
  data: "10.96.0.11",
  legacy: "10.96.0.12",
  detected: "10.96.0.13",
};

export const services = `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  clusterIP: ${virtual.reviews}
  selector: { app: reviews }
  ports: [{ name: http, port: 9080, targetPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: data, namespace: shop }
spec:
  clusterIP: ${virtual.data}
  selector: { app: reviews }
  ports: [{ name: tcp-data, port: 7000, targetPort: 7070 }]
---
apiVersion: v1
kind: Service
metadata: { name: detected, namespace: shop }
spec:
  clusterIP: ${virtual.detected}
  selector: { app: reviews }
  ports:
    - { name: some, port: 5000, targetPort: 8081 }
    - { name: other, port: 5001, targetPort: 7071 }
---
apiVersion: v1
kind: Service
metadata: { name: headless, namespace: shop }
spec:
  clusterIP: None
  selector: { app: reviews }
  ports:
    - { name: http, port: 8082, targetPort: 8082 }
    - { name: tcp, port: 7072, targetPort: 7072 }
---
apiVersion: v1
kind: Service
metadata: { name: legacy, namespace: shop }
spec:
  clusterIP: ${virtual.legacy}
  selector: { app: legacy }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
`;

/** A workload entry; without an account it has no sidecar. */
export const entry = (name: Name, labels: string, account: string) => `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: ${name}, namespace: shop }
spec:
  address: ${places[name]}
  labels: { ${labels} }
  ${account === "" ? "" : `serviceAccount: ${account}`}
`;

/** For the hosts files of all namespaces. */
export const hostNames: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(virtual).flatMap(([name, address]) =>
      [name, `${name}.shop`, `${name}.shop.svc.cluster.local`].map((each) => [each, [address]]),
    ),
  ),
  "headless.shop.svc.cluster.local": [places["reviews-v1"], places["reviews-v2"]],
  "outside.example": [places.outside],
  "api.vendor.example": [places.outside],
  "tls.vendor.example": [places.outside],
};
