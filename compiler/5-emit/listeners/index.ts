// Listeners: plans and the policies' filters in, Listener out.

export type { Contributors } from "./contributions.ts";
export { emitListener } from "./listener.ts";
