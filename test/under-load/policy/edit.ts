// One edit of the mesh's policy, for tests that decide themselves what changes.

import type { LoadMesh } from "../mesh/mesh.ts";
import { createRandom } from "./random.ts";
import type { Policy } from "./state.ts";
import { jobsFor, type Manner } from "./write.ts";

/** Writes the new policy; what comes of it is for the caller to wait for. */
export async function editPolicy(
  mesh: LoadMesh,
  change: Partial<Policy>,
  manner: Manner = "whole",
): Promise<void> {
  const policy = { ...mesh.policy, ...change };
  const files = mesh.filesFor(policy);
  await mesh.writer.write(jobsFor(mesh.policyFolder, mesh.files, files, manner, createRandom(1)));
  mesh.policy = policy;
  mesh.files = files;
}
