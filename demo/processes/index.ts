// The processes of a demo, from start to a certain end.

export { endLeftovers } from "./leftovers.ts";
export { giveUpOwnership, takeOwnership } from "./owner.ts";
export { ProcessGroup, type Started, type UnexpectedEnd } from "./process-group.ts";
