// The compiler: policy texts in, Envoy resources and diagnostics out. Pure; runs unchanged in a browser.

export { objectKey } from "./2-validate/index.ts";
export { checkLifetimes, type LifetimeInUse, lifetimesInUse } from "./3-mesh/lifetimes.ts";
export type { Mesh } from "./3-mesh/mesh.ts";
export type { ProxyView } from "./4-view/plan/index.ts";
export { proxiesOf, proxyOf } from "./4-view/proxies.ts";
export type { MeshProxy } from "./4-view/proxy.ts";
export type { EmittedResource } from "./5-emit/resource.ts";
export { type StaticCredentials, staticBootstrap } from "./5-emit/static-bootstrap.ts";
export {
  type CompiledLayers,
  type CompileInput,
  compileLayers,
  compileMesh,
  compileProxy,
  readMeshConfig,
  settingsAmong,
  unspokenRules,
  viewOf,
} from "./compile.ts";
export {
  type Code,
  catalogue,
  type Diagnostic,
  hasErrors,
  type Note,
  type RenderOptions,
  renderDiagnostic,
  renderDiagnostics,
  type Severity,
  sortDiagnostics,
} from "./diagnostics/index.ts";
export {
  type DiffPath,
  diffMeshes,
  diffObjects,
  formatDiffPath,
  type MeshDiff,
  type ObjectDiff,
  type ProxyDiff,
  type ResourceDiff,
  type ValueChange,
} from "./diff/index.ts";
export { type CompiledMesh, joinFiles } from "./join.ts";
export type { Fact } from "./model/fact.ts";
export type { Labels, Locality } from "./model/labels.ts";
export { defaultMeshConfig, type InterceptionMode, type MeshConfig } from "./model/mesh-config.ts";
export * as names from "./model/names.ts";
export type { Origin, Position } from "./model/origin.ts";
export { type ResourceType, resourceJson, resourceType, resourceTypes } from "./print.ts";
export { keepLastGood, type PolicyFile, type ReadFile, type ReadObject, readFile } from "./read-file.ts";
export { type Judged, judgeResources, type UnsoundResource } from "./soundness.ts";
