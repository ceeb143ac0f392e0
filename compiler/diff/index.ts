// Two meshes in; out: what differs for each proxy, in Envoy's terms. Texts, order and formatting are no differences.

export { diffMeshes, type MeshDiff, type ProxyDiff } from "./meshes.ts";
export { diffObjects, type ObjectDiff } from "./objects.ts";
export { type DiffPath, formatDiffPath } from "./path.ts";
export type { ResourceDiff } from "./resources.ts";
export type { ValueChange } from "./values.ts";
