// Messages as bytes: one encoding for each, and parts that many messages have in common encoded once. Knows protobuf, and
// nothing of what any message means.

export { canonicalBinary } from "./canonical.ts";
export { isShared, share } from "./shared.ts";
export { written } from "./written.ts";
