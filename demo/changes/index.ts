// Edits of policy files, and how they reach the proxies.

export { type Landing, Landings, type LandingsOptions } from "./landings.ts";
export { modifiedAt } from "./modified-at.ts";
export { summarizeChange } from "./summary.ts";
