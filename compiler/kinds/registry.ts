// Every policy kind, in the order in which the support table shows them. The only file that names them all.

import type { FilterPolicy, Kind } from "./kind.ts";

export const kinds: readonly Kind[] = [];

export const filterPolicies: readonly FilterPolicy[] = [];
