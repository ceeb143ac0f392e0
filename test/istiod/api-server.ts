// Policy files as an API server would hand them to istiod: with the defaults that it fills in, and with what its controllers make of
// Services and Pods. Fairlead reads files and fills these in by itself.

import { parseAllDocuments } from "yaml";
import { canonical, isObject, type Json, type JsonObject, member, objectsIn, textOf } from "./json.ts";

// What both sides read. Of others, Fairlead says that it does not support them.
const kinds = new Set([
  ...["Service", "EndpointSlice", "Endpoints", "Pod", "Secret", "Namespace", "Node"],
  ...[
    "VirtualService",
    "DestinationRule",
    "Gateway",
    "ServiceEntry",
    "WorkloadEntry",
    "WorkloadGroup",
    "Sidecar",
  ],
  ...["PeerAuthentication", "AuthorizationPolicy"],
]);

/** The documents as istiod's side reads them. Of an object that is there twice, the last one counts. */
export function asIfStored(texts: readonly string[]): string {
  const documents = texts.flatMap((text) => parseAllDocuments(text).map((each) => each.toJS() as Json));
  const known = documents.filter(isObject).filter(({ kind }) => kinds.has(textOf(kind)));
  const objects = [
    ...new Map(known.map((each) => withDefaults(each)).map((each) => [keyOf(each), each])).values(),
  ];
  return [...objects, ...slicesFor(objects)].map((each) => JSON.stringify(each)).join("\n---\n");
}

const nameOf = (object: JsonObject) => textOf(member(object, "metadata", "name"));
const namespaceOf = (object: JsonObject) => textOf(member(object, "metadata", "namespace"));
const keyOf = (object: JsonObject) => `${textOf(object.kind)} ${namespaceOf(object)} ${nameOf(object)}`;
const fields = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

function withDefaults(object: JsonObject): JsonObject {
  if (object.kind === "Namespace" || object.kind === "Node") return object;
  const placed = { ...object, metadata: { namespace: "default", ...fields(object.metadata) } };
  if (object.kind === "Service") return withPorts(placed);
  if (object.kind === "EndpointSlice") return withTargets(placed);
  return object.kind === "Pod" ? withStatus(placed) : placed;
}

function withPorts(service: JsonObject): JsonObject {
  const ports = withProtocol(member(service, "spec", "ports"));
  const complete = ports.map((port) => ({ targetPort: port.port, ...port }));
  return { ...service, spec: { ...fields(service.spec), ports: complete } };
}

const withProtocol = (ports: Json | undefined) =>
  objectsIn(ports).map((port) => ({ protocol: "TCP", ...port }) as JsonObject);

/** istiod looks pods up by namespace and name, and controllers write both. */
function withTargets(slice: JsonObject): JsonObject {
  const endpoints = objectsIn(slice.endpoints).map((each) =>
    isObject(each.targetRef)
      ? { ...each, targetRef: { namespace: namespaceOf(slice), ...each.targetRef } }
      : each,
  );
  return { ...slice, ports: withProtocol(slice.ports), endpoints };
}

/** Pods in files run, and are ready unless they say that they are not. */
function withStatus(pod: JsonObject): JsonObject {
  const spec = { containers: [{ name: "app", image: "app" }], ...fields(pod.spec) };
  const ip = member(pod, "status", "podIP");
  if (ip === undefined) return { ...pod, spec };
  const status = {
    ...{ phase: "Running", podIPs: [{ ip }], conditions: [{ type: "Ready", status: "True" }] },
    ...fields(pod.status),
  };
  return { ...pod, spec, status };
}

/** For Services with a selector and without slices among the files: the endpoint controller would write them. */
function slicesFor(objects: readonly JsonObject[]): readonly JsonObject[] {
  const label = "kubernetes.io/service-name";
  const written = objects.filter(({ kind }) => kind === "EndpointSlice");
  const hasSlice = (service: JsonObject) =>
    written.some(
      (slice) =>
        member(slice, "metadata", "labels", label) === nameOf(service) &&
        namespaceOf(slice) === namespaceOf(service),
    );
  return objects
    .filter(
      (each) => each.kind === "Service" && isObject(member(each, "spec", "selector")) && !hasSlice(each),
    )
    .flatMap((service) => {
      const pods = objects.filter((each) => each.kind === "Pod" && isBehind(service, each));
      // Pods that have the ports under other numbers are in a slice of their own.
      const alike = Object.groupBy(pods, (pod) => canonical(portsOf(service, pod)));
      return Object.values(alike).map((same, index) => sliceOf(service, same ?? [], index, label));
    });
}

function isBehind(service: JsonObject, pod: JsonObject): boolean {
  const selector = Object.entries(fields(member(service, "spec", "selector")));
  return (
    namespaceOf(pod) === namespaceOf(service) &&
    textOf(member(pod, "status", "podIP")) !== "" &&
    selector.every(([key, value]) => member(pod, "metadata", "labels", key) === value)
  );
}

function portsOf(service: JsonObject, pod: JsonObject): readonly JsonObject[] {
  return objectsIn(member(service, "spec", "ports"))
    .map((port) => ({ name: port.name ?? "", protocol: port.protocol, port: targetOf(port, pod) }))
    .filter(({ port }) => port !== undefined);
}

function sliceOf(service: JsonObject, pods: readonly JsonObject[], index: number, label: string): JsonObject {
  const [name, namespace] = [nameOf(service), namespaceOf(service)];
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-${index}`, namespace, labels: { [label]: name } },
    addressType: "IPv4",
    ports: pods.slice(0, 1).flatMap((pod) => portsOf(service, pod)),
    endpoints: pods.map((pod) => ({
      addresses: [textOf(member(pod, "status", "podIP"))],
      conditions: { ready: isReady(pod) },
      nodeName: member(pod, "spec", "nodeName"),
      targetRef: { kind: "Pod", name: nameOf(pod), namespace: namespaceOf(pod) },
    })),
  };
}

/** A target with a name is a port of the container; undefined where there is none of that name. */
function targetOf(port: JsonObject, pod: JsonObject): Json | undefined {
  if (typeof port.targetPort === "number") return port.targetPort;
  const ports = objectsIn(member(pod, "spec", "containers")).flatMap((each) => objectsIn(each.ports));
  return ports.find(({ name }) => name === port.targetPort)?.containerPort;
}

function isReady(pod: JsonObject): boolean {
  const conditions = objectsIn(member(pod, "status", "conditions"));
  return !conditions.some(({ type, status }) => type === "Ready" && status === "False");
}
