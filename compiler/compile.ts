// The pipeline from files to Envoy resources: parse → validate → mesh → view → emit. Pure: same files, same bytes.

import { joinLists } from "#immutable";
import { parseMeshConfig } from "./1-parse/index.ts";
import type { Mesh } from "./3-mesh/mesh.ts";
import type { ProxyView } from "./4-view/plan/index.ts";
import type { MeshProxy } from "./4-view/proxy.ts";
import { planProxyless } from "./4-view/proxyless.ts";
import { buildLayers, buildView } from "./4-view/view.ts";
import { emitGroups, emitView } from "./5-emit/emit.ts";
import { emitProxyless } from "./5-emit/grpc/index.ts";
import { type Unspoken, unspokenRules as unspokenOfView } from "./5-emit/grpc/unspoken.ts";
import type { EmittedResource } from "./5-emit/resource.ts";
import { type Diagnostic, sortDiagnostics } from "./diagnostics/index.ts";
import { type CompiledMesh, joinFiles } from "./join.ts";
import { decodeMeshConfigFile } from "./kinds/mesh-config/decode-file.ts";
import { filterPolicies } from "./kinds/registry.ts";
import { memoizeByIdentity } from "./model/memo.ts";
import { defaultMeshConfig, type MeshConfig } from "./model/mesh-config.ts";
import { type PolicyFile, type ReadFile, readFile } from "./read-file.ts";

export interface CompileInput {
  readonly files: readonly PolicyFile[];
  /** The mesh config file, if there is one; otherwise one found among the files, otherwise Istio's defaults. */
  readonly meshConfig?: PolicyFile;
}

/** Files to mesh. Never throws for what a user wrote. */
export function compileMesh(input: CompileInput): CompiledMesh {
  const { config, diagnostics } = readMeshConfig(input.meshConfig);
  const read = (settings: MeshConfig) => input.files.map((file) => readFile(file, settings));
  const first = read(config ?? defaultMeshConfig);
  const found = config ? undefined : settingsAmong(first);
  const compiled = joinFiles(found ? read(found) : first, config);
  return { ...compiled, diagnostics: sortDiagnostics([...diagnostics, ...compiled.diagnostics]) };
}

/**
 * The mesh config that an object among the files holds. Decoding depends on it (domain suffix, root namespace, default
 * visibility), so that files read under another one have to be read again.
 */
export function settingsAmong(files: readonly ReadFile[]): MeshConfig | undefined {
  for (const { objects } of files) {
    for (const { facts } of objects) {
      for (const fact of facts) if (fact.type === "mesh-config") return fact.value;
    }
  }
  return undefined;
}

/** The mesh config of a file of its own; undefined config when there is no file or it is refused. */
export function readMeshConfig(file: PolicyFile | undefined): {
  readonly config?: MeshConfig;
  readonly diagnostics: readonly Diagnostic[];
} {
  if (!file) return { diagnostics: [] };
  return decodeMeshConfigFile(parseMeshConfig(file.name, file.text));
}

/** What one proxy is told, before any Envoy type exists. A client without a proxy has no listeners: it calls by name. */
export function viewOf(mesh: Mesh, proxy: MeshProxy): ProxyView {
  if (proxy.type === "proxyless") {
    const { clusters, endpoints, routeTables } = planProxyless(mesh, proxy);
    return { clusters, endpoints, listeners: [], routeTables, secrets: [] };
  }
  return buildView(mesh, proxy, filterPolicies);
}

const noResources: readonly EmittedResource[] = [];
const contributors = new Map(filterPolicies.map((policy) => [policy.policy, policy]));

/** What one proxy gets, in layers. `shared` is one object for all proxies that are equal as clients. */
export interface CompiledLayers {
  /** A list for each type, the same object as long as nothing in it changes. */
  readonly shared: readonly (readonly EmittedResource[])[];
  /** Hides what `shared` has under the same type and name. The same list as long as nothing in it changes. */
  readonly own: readonly EmittedResource[];
}

/**
 * Everything one proxy gets, apart by whom it is shared with; each list in the order of `compileProxy`. `tables` in `parts`
 * is for proxies that discover virtual hosts.
 */
export function compileLayers(mesh: Mesh, proxy: MeshProxy, tables: "whole" | "parts"): CompiledLayers {
  if (proxy.type === "proxyless")
    return { shared: emitProxyless(planProxyless(mesh, proxy)), own: noResources };
  const { shared, own } = buildLayers(mesh, proxy, filterPolicies);
  const groupsOf = groups[tables];
  return { shared: groupsOf(shared), own: joinLists(groupsOf(own)) };
}

/** Asked for each proxy at each change: remembered by the view alone. */
const groups = {
  whole: memoizeByIdentity((view: ProxyView) => emitGroups(view, contributors, "whole")),
  parts: memoizeByIdentity((view: ProxyView) => emitGroups(view, contributors, "parts")),
};

/** Everything one proxy gets, in the order CDS, EDS, LDS, RDS, SDS and by name. Workload certificates are the CA's. */
export function compileProxy(mesh: Mesh, proxy: MeshProxy): readonly EmittedResource[] {
  if (proxy.type === "proxyless") return emitProxyless(planProxyless(mesh, proxy)).flat();
  return emitView(viewOf(mesh, proxy), contributors);
}

/** What policy asks of a client without a proxy in vain, because gRPC has no word for it. */
export function unspokenRules(mesh: Mesh, proxy: MeshProxy): readonly Unspoken[] {
  return unspokenOfView(planProxyless(mesh, proxy));
}
