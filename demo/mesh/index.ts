// The demo's mesh on loopback.

export { DemoFailed } from "./demo-failure.ts";
export { type DemoMesh, type DemoMeshOptions, startDemoMesh } from "./demo-mesh.ts";
export { bookinfo, copyExample, type Example, exampleAt, shortPath } from "./example.ts";
export { whyTaken } from "./free-port.ts";
export type { DemoWorkload } from "./workloads.ts";
