// Out: the registry to print and read protojson with, every `Any` expanded. Importing this module builds it (0.1 s);
// who may not need one imports `full-registry.ts` and asks when the time comes.

import type { Registry } from "@bufbuild/protobuf";
import { fullRegistry } from "./full-registry.ts";

/** Every message of Envoy, by type name: pass as `{ registry }` to `toJson`, `fromJson`, `anyUnpack`. */
export const registry: Registry = fullRegistry();
