// The demo: a small mesh of real Envoys on loopback, to play with (`runDemo`) or to prove that it works (`runTour`).

export { type DemoOptions, runDemo } from "./live/index.ts";
export { DemoFailed } from "./mesh/index.ts";
export { runTour, type TourOptions, type TourResult } from "./tour/index.ts";
export type { Output } from "./view/index.ts";
