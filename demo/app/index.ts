// The demo's applications: the small servers that stand behind the sidecars, and what they answer.

export { type Answer, allCalls, type Call, findCall, readAnswer } from "./answer.ts";
export { call, type Endpoint, type Incoming, type Outgoing } from "./call.ts";
export type { ApplicationConfig } from "./server.ts";
