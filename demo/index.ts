// The demo: a small mesh of real Envoys on loopback, to play with (`runDemo`) or to prove that it works (`runTour`).

export { DemoFailed } from "./mesh/index.ts";
export { runTour, type TourOptions, type TourResult } from "./tour/index.ts";
