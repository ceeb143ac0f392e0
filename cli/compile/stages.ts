// What the compiler knows between its stages, as plain data to print. Secrets print as placeholders by themselves.

import { stringify } from "yaml";
import { type Mesh, type MeshProxy, type ReadFile, viewOf } from "#compiler";
import type { OutputFormat } from "./print-resources.ts";

/** After parsing: every object with its place, whether it is used, and the facts that it states. */
export function describeObjects(files: readonly ReadFile[]): unknown {
  return files.flatMap((file) =>
    file.objects.map(({ raw, facts, state }) => ({
      object: `${raw.kind} ${raw.namespace === "" ? raw.name : `${raw.namespace}/${raw.name}`}`,
      apiVersion: raw.group === "" ? raw.version : `${raw.group}/${raw.version}`,
      at: `${raw.file}:${raw.locate([]).line}`,
      state,
      facts: facts.map(({ type, value }) => ({ [type]: value })),
    })),
  );
}

/** After joining: the mesh, with the endpoints of each service. */
export function describeMesh(mesh: Mesh): unknown {
  const endpoints = Object.fromEntries(
    mesh.services.flatMap((service) =>
      service.ports.map((port) => [
        `${service.hostname}:${port.number}`,
        mesh.endpointsOf(service, port.number),
      ]),
    ),
  );
  return { ...mesh, endpoints };
}

/** After deciding: what each proxy is to be told, before any Envoy type exists. */
export function describeViews(mesh: Mesh, proxies: readonly MeshProxy[]): unknown {
  return Object.fromEntries(proxies.map((proxy) => [proxy.id, { proxy, view: viewOf(mesh, proxy) }]));
}

/** Any of them as text that ends in a newline. */
export function renderData(data: unknown, format: OutputFormat): string {
  const json = JSON.stringify(data, plain, 2);
  if (format === "json") return `${json}\n`;
  return stringify(JSON.parse(json), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Maps become mappings in the order of their keys; functions go; JSON has no bigint. */
function plain(_: string, value: unknown): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  }
  if (value instanceof Set) return [...value].sort();
  return typeof value === "bigint" ? value.toString() : value;
}
