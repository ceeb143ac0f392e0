// Policies that several of these tests need.

/** No proxy of the namespace reaches a host that no service has. */
export const registryOnly = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  outboundTrafficPolicy: { mode: REGISTRY_ONLY }
`;
