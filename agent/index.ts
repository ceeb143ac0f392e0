// What runs beside an Envoy: the bootstrap that starts it, and the rules that lead traffic to it.

export { type BootstrapOptions, buildBootstrap, type HostPort } from "./bootstrap.ts";
export { type CaptureOptions, captureRules, releaseRules } from "./capture.ts";
