// The descriptor scan: from the bytes of an Envoy binary to one checked FileDescriptorSet image.

export { checkImage, type ImageExpectation, type ImageProblem, RELEASE_1_40 } from "./check.ts";
export { type FoundFile, findFileDescriptors } from "./find-files.ts";
export { buildDescriptorSet, parseImage, serializeImage } from "./image.ts";
