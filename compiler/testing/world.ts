// Small meshes for tests, written as the YAML a user would write: text in, mesh and views out.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { ProxyView } from "../4-view/plan/index.ts";
import { proxiesOf } from "../4-view/proxies.ts";
import type { MeshProxy } from "../4-view/proxy.ts";
import { compileMesh, viewOf } from "../compile.ts";
import type { Diagnostic } from "../diagnostics/index.ts";
import { testCertificate, testKey } from "./credentials.ts";

export interface World {
  readonly mesh: Mesh;
  readonly diagnostics: readonly Diagnostic[];
  /** The proxy of a workload, `name.namespace`, with what a test wants otherwise. */
  proxy(id: string, changes?: Partial<MeshProxy>): MeshProxy;
  view(id: string, changes?: Partial<MeshProxy>): ProxyView;
}

/** Errors in the YAML fail the test at once, unless it says that it expects some. */
export function worldOf(
  yaml: string,
  options: { readonly meshConfig?: string; readonly allowErrors?: boolean } = {},
): World {
  const { mesh, diagnostics } = compileMesh({
    files: [{ name: "world.yaml", text: yaml }],
    ...(options.meshConfig === undefined
      ? {}
      : { meshConfig: { name: "mesh.yaml", text: options.meshConfig } }),
  });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0 && options.allowErrors !== true) {
    throw new Error(errors.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  }
  const proxy = (id: string, changes: Partial<MeshProxy> = {}): MeshProxy => {
    const found = proxiesOf(mesh).find((each) => each.id === id);
    if (!found) throw new Error(`no proxy is called ${id}`);
    return { ...found, ...changes };
  };
  return { mesh, diagnostics, proxy, view: (id, changes) => viewOf(mesh, proxy(id, changes)) };
}

/** A service with one port of the given name, so that the name says the protocol: `http`, `tcp`, `grpc-api`. */
export function service(
  name: string,
  options: {
    readonly namespace?: string;
    readonly port?: number;
    readonly portName?: string;
    readonly target?: number | string;
    readonly clusterIP?: string;
    readonly annotations?: string;
  } = {},
): string {
  const { namespace = "default", port = 80, portName = "http", target, clusterIP, annotations } = options;
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}, annotations: {${annotations ?? ""}}}
spec:
  selector: {app: ${name}}
  ${clusterIP === undefined ? "" : `clusterIP: ${clusterIP}`}
  ports: [{name: ${portName}, port: ${port}${target === undefined ? "" : `, targetPort: ${target}`}}]
---`;
}

/** A running pod that the service of the same name selects. Its name is `<app>-<last part of its address>`. */
export function pod(
  app: string,
  ip: string,
  options: {
    readonly namespace?: string;
    readonly labels?: string;
    readonly annotations?: string;
    readonly serviceAccount?: string;
    readonly ports?: string;
  } = {},
): string {
  const { namespace = "default", labels = "", annotations = "", serviceAccount = app, ports = "" } = options;
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${app}-${ip.split(/[.:]/).at(-1)}
  namespace: ${namespace}
  labels: {app: ${app}, security.istio.io/tlsMode: istio${labels === "" ? "" : `, ${labels}`}}
  annotations: {${annotations}}
spec:
  serviceAccountName: ${serviceAccount}
  containers: [{name: main, image: none, ports: [${ports}]}]
status:
  podIP: ${ip}
  podIPs: [{ip: "${ip}"}]
  phase: Running
  conditions: [{type: Ready, status: "True"}]
---`;
}

/** A credential with these parts. */
export function secret(name: string, parts: readonly ("tls" | "ca")[], namespace = "default"): string {
  const data = [
    ...(parts.includes("tls")
      ? [`tls.crt: ${JSON.stringify(testCertificate)}, tls.key: ${JSON.stringify(testKey)}`]
      : []),
    ...(parts.includes("ca") ? [`ca.crt: ${JSON.stringify(testCertificate)}`] : []),
  ];
  return `
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: ${namespace}}
stringData: {${data.join(", ")}}
---`;
}

/** Any object of the mesh's own kinds, its spec in flow style. */
export function object(kind: string, name: string, spec: string, namespace = "default"): string {
  const group =
    kind.endsWith("Authentication") || kind.endsWith("AuthorizationPolicy") ? "security" : "networking";
  return `
apiVersion: ${group}.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
---`;
}
