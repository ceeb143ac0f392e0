// Requests of the demo's own, and how they go.

export { type LoadOptions, startLoad } from "./load.ts";
export { knownRoutes } from "./observe.ts";
export { type KnownRoute, type Observation, type RouteTally, Tally } from "./tally.ts";
