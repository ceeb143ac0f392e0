// Everything that Envoy 1.40 was seen to refuse (or to die of) although its API's annotations allow it, by message type.

import type { DescMessage } from "@bufbuild/protobuf";
import { clusterRefusals } from "./clusters.ts";
import { endpointRefusals } from "./endpoints.ts";
import { headerRefusals } from "./headers.ts";
import { listenerRefusals } from "./listeners.ts";
import { patternRefusals } from "./patterns.ts";
import type { Refusal } from "./refusal.ts";
import { routeRefusals } from "./routes.ts";
import { secretRefusals } from "./secrets.ts";

const all: readonly Refusal[] = [
  ...clusterRefusals,
  ...endpointRefusals,
  ...headerRefusals,
  ...listenerRefusals,
  ...patternRefusals,
  ...routeRefusals,
  ...secretRefusals,
];

export function refusalsOf(desc: DescMessage): readonly Refusal["check"][] {
  return all.filter(({ typeName }) => typeName === desc.typeName).map(({ check }) => check);
}
