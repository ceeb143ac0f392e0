// The tour's steps, in the order in which they tell the story.

import type { Step } from "../step.ts";
import { allowed, denied } from "./authorization.ts";
import { recovery, syntaxError, unknownField } from "./bad-files.ts";
import { permissive, strict } from "./mutual-tls.ts";
import { abortFault, delayFault, headerMatch, timeout } from "./routing.ts";
import { changedSplit, quickMove, weightedSplit } from "./split.ts";

export const steps: readonly Step[] = [
  weightedSplit,
  changedSplit,
  quickMove,
  headerMatch,
  abortFault,
  delayFault,
  timeout,
  strict,
  permissive,
  denied,
  allowed,
  syntaxError,
  unknownField,
  recovery,
];
