// Stage 1: texts to raw objects with positions.

export { isClusterScoped } from "./cluster-scoped.ts";
export { type ParsedMeshConfig, parseMeshConfig } from "./mesh-config.ts";
export { type ParsedText, parseText } from "./parse-text.ts";
export { isJsonObject, type JsonObject, type JsonValue, type Path, type RawObject } from "./raw-object.ts";
