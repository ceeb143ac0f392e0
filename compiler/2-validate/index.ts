// Stage 2: raw objects to facts.

export { describeDuplicates, firstOf, objectKey } from "./duplicate-objects.ts";
export { fieldTree } from "./field-tree.ts";
export { nearestName } from "./nearest-name.ts";
export { diagnosticAt, pathText } from "./object-reader.ts";
export { type Validated, type ValidateOptions, validateObject } from "./validate-object.ts";
