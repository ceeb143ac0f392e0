// Everything that can only be judged with the whole mesh at hand.

import type { Diagnostic } from "../../diagnostics/index.ts";
import type { MeshBuild } from "../build.ts";
import { checkCredentials } from "./credentials.ts";
import { checkDestinations } from "./destinations.ts";
import { checkListeners } from "./listeners.ts";
import { checkRivals } from "./rivals.ts";
import { checkRoutes, describeDelegates } from "./routes.ts";
import { checkSelectors } from "./selectors.ts";

/** What does not fit together. Nothing here takes an object out of the mesh: its other parts go on working. */
export function checkReferences({ mesh, delegateProblems }: MeshBuild): readonly Diagnostic[] {
  return [
    ...describeDelegates(delegateProblems),
    ...checkDestinations(mesh),
    ...checkRoutes(mesh),
    ...checkSelectors(mesh),
    ...checkRivals(mesh),
    ...checkListeners(mesh),
    ...checkCredentials(mesh),
  ];
}
