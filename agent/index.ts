// What runs beside an Envoy: the bootstrap and the arguments that start it, and the rules that lead traffic to it.

export { type BootstrapOptions, buildBootstrap, type HostPort } from "./bootstrap.ts";
export { type CaptureOptions, captureRules, releaseRules } from "./capture.ts";
export { buildGrpcBootstrap, type GrpcBootstrapOptions } from "./grpc-bootstrap.ts";
export { type StartOptions, startArguments, startReasons } from "./start-command.ts";
