// The live view of a demo.

export { renderLanding, renderProblem, renderView, type Size } from "./render.ts";
export { summarizeRoute } from "./routes.ts";
export { type Output, Screen } from "./screen.ts";
export type { Problem, ViewState } from "./state.ts";
export { type Colors, timeOfDay } from "./text.ts";
