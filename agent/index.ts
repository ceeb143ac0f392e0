// What runs beside an Envoy: for now, the bootstrap that starts it.

export { type BootstrapOptions, buildBootstrap, type HostPort } from "./bootstrap.ts";
