// Every policy kind, in the order in which the support table shows them. The only file that names them all.

import { destinationRule } from "./destination-rule/index.ts";
import { gateway } from "./gateway/index.ts";
import type { FilterPolicy, Kind } from "./kind.ts";
import { sidecar } from "./sidecar/index.ts";

export const kinds: readonly Kind[] = [destinationRule, gateway, sidecar];

export const filterPolicies: readonly FilterPolicy[] = [];
