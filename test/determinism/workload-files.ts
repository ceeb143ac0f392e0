// Files for what runs in the mesh of `small-steps.ts` and what guards it: workloads, policies for them, gateways, certificates.

import fc from "fast-check";
import { object, pod, secret } from "../../compiler/testing/world.ts";

const namespace = fc.constantFrom("default", "shop");

/** Some are where a proxy is that is there anyway, and some are endpoints of a service that selects them. */
const workloadFile = fc
  .record({
    kind: fc.constantFrom("entry", "pod"),
    name: fc.constantFrom("a", "b", "m"),
    address: fc.constantFrom("10.0.0.1", "10.9.9.9"),
    app: fc.constantFrom("b", "c"),
    namespace,
    port: fc.constantFrom("http: 8080", "http: 9090"),
  })
  .map(({ kind, name, address, app, namespace, port }) => ({
    name: `workloads/${namespace}-${name}.yaml`,
    text:
      kind === "pod"
        ? pod(app, address, { namespace })
        : object(
            "WorkloadEntry",
            name,
            `{address: ${address}, labels: {app: ${app}}, ports: {${port}}}`,
            namespace,
          ),
  }));

const securityFile = fc
  .record({
    kind: fc.constantFrom("authorization", "authentication"),
    namespace: fc.constantFrom("default", "shop", "istio-system"),
    selector: fc.constantFrom("", "selector: {matchLabels: {app: b}}, "),
    port: fc.constantFrom("8080", "9090"),
    mode: fc.constantFrom("STRICT", "PERMISSIVE", "STRICT", "PERMISSIVE", "DISABLE"),
  })
  .map(({ kind, namespace, selector, port, mode }) => ({
    name: `security/${namespace}-${kind}.yaml`,
    text:
      kind === "authorization"
        ? object(
            "AuthorizationPolicy",
            "allow",
            `{${selector}rules: [{to: [{operation: {ports: ["${port}"]}}]}]}`,
            namespace,
          )
        : object("PeerAuthentication", "mtls", `{${selector}mtls: {mode: ${mode}}}`, namespace),
  }));

const gatewayFile = fc
  .record({
    name: fc.constantFrom("front", "back"),
    port: fc.constantFrom("80", "8443"),
    hosts: fc.constantFrom('"*"', "only.routed.example, a.example.com"),
  })
  .map(({ name, port, hosts }) => {
    const secured =
      port === "80"
        ? "port: {number: 80, name: http, protocol: HTTP}"
        : "port: {number: 8443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: cert}";
    return {
      name: `gateways/${name}.yaml`,
      text: object(
        "Gateway",
        name,
        `{selector: {istio: ingressgateway}, servers: [{${secured}, hosts: [${hosts}]}]}`,
        "shop",
      ),
    };
  });

const secretFile = fc
  .record({
    parts: fc.constantFrom(["tls"] as const, ["tls", "ca"] as const, ["ca"] as const),
    namespace: fc.constantFrom("default", "istio-system"),
  })
  .map(({ parts, namespace }) => ({
    name: `secrets/${namespace}-cert.yaml`,
    text: secret("cert", parts, namespace),
  }));

/** Files that a mesh has or has not. */
export const workloadFiles = fc.oneof(workloadFile, securityFile, gatewayFile, secretFile);

export const workloadFileNames = [
  "workloads/default-b.yaml",
  "security/default-authorization.yaml",
  "security/istio-system-authentication.yaml",
  "gateways/back.yaml",
  "secrets/default-cert.yaml",
] as const;
