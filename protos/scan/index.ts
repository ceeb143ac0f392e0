// The descriptor scan: from the bytes of an Envoy binary to one checked FileDescriptorSet image.

export { checkImage, expectationFor, type ImageExpectation, type ImageProblem } from "./check.ts";
export { type FoundFile, findFileDescriptors } from "./find-files.ts";
export { buildDescriptorSet, parseImage, serializeImage } from "./image.ts";
