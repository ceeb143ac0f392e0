// What the rest may ask of set-up: which Envoy to run, and what Envoy thinks of a bootstrap.

export { type Env, type EnvoyProblem, type LocatedEnvoy, locateEnvoy } from "./envoy/locate.ts";
export { type EnvoyVerdict, validateWithEnvoy } from "./envoy/validate.ts";
