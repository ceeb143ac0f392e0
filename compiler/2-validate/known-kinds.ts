// What is known of kinds that Fairlead has no folder for: those that exist upstream in groups of the mesh, so that a
// misspelt one can be told from one that is not supported yet. Every other group is somebody else's business.

/** Kinds per group, with their versions. */
const upstream: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "networking.istio.io": {
    DestinationRule: ["v1", "v1beta1", "v1alpha3"],
    EnvoyFilter: ["v1alpha3"],
    Gateway: ["v1", "v1beta1", "v1alpha3"],
    ProxyConfig: ["v1", "v1beta1"],
    ServiceEntry: ["v1", "v1beta1", "v1alpha3"],
    Sidecar: ["v1", "v1beta1", "v1alpha3"],
    VirtualService: ["v1", "v1beta1", "v1alpha3"],
    WorkloadEntry: ["v1", "v1beta1", "v1alpha3"],
    WorkloadGroup: ["v1", "v1beta1", "v1alpha3"],
  },
  "security.istio.io": {
    AuthorizationPolicy: ["v1", "v1beta1"],
    PeerAuthentication: ["v1", "v1beta1"],
    RequestAuthentication: ["v1", "v1beta1"],
  },
  "telemetry.istio.io": { Telemetry: ["v1", "v1alpha1"] },
  "extensions.istio.io": { TrafficExtension: ["v1alpha1"], WasmPlugin: ["v1alpha1"] },
  "install.istio.io": { IstioOperator: ["v1alpha1"] },
  "gateway.networking.k8s.io": {
    BackendTLSPolicy: ["v1", "v1alpha3"],
    Gateway: ["v1", "v1beta1"],
    GatewayClass: ["v1", "v1beta1"],
    GRPCRoute: ["v1"],
    HTTPRoute: ["v1", "v1beta1"],
    ListenerSet: ["v1"],
    ReferenceGrant: ["v1", "v1beta1"],
    TCPRoute: ["v1alpha2", "v1"],
    TLSRoute: ["v1", "v1alpha2", "v1alpha3"],
    UDPRoute: ["v1alpha2", "v1"],
  },
  "gateway.networking.x-k8s.io": {
    XBackend: ["v1alpha1"],
    XBackendTrafficPolicy: ["v1alpha1"],
    XListenerSet: ["v1alpha1"],
    XMesh: ["v1alpha1"],
  },
  "networking.k8s.io": {
    Ingress: ["v1", "v1beta1"],
    IngressClass: ["v1", "v1beta1"],
    IPAddress: ["v1", "v1beta1"],
    NetworkPolicy: ["v1"],
    ServiceCIDR: ["v1", "v1beta1"],
  },
};

/** Kinds of shared groups that have nothing to do with what Fairlead does, although others of their group do. */
const unrelated: ReadonlySet<string> = new Set([
  "networking.k8s.io/IPAddress",
  "networking.k8s.io/NetworkPolicy",
  "networking.k8s.io/ServiceCIDR",
  "install.istio.io/IstioOperator",
]);

export type Known =
  /** Of no mesh group: not for Fairlead. */
  | { readonly type: "foreign" }
  | { readonly type: "upstream"; readonly versions: readonly string[] }
  /** In a mesh group, and not in it: `kinds` are those that are. */
  | { readonly type: "misspelt"; readonly kinds: readonly string[] };

export function lookUpstream(group: string, kind: string): Known {
  const kinds = Object.hasOwn(upstream, group) ? upstream[group] : undefined;
  if (kinds === undefined || unrelated.has(`${group}/${kind}`)) return { type: "foreign" };
  const versions = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  return versions === undefined
    ? { type: "misspelt", kinds: Object.keys(kinds) }
    : { type: "upstream", versions };
}
