// What tests need to put emitted resources in front of a real Envoy and to see what traffic does.

export { envoyBinary } from "./binary.ts";
export { exchange, type RequestOptions, type Response, request } from "./client.ts";
export { type Echo, type EchoOptions, type EchoServer, startEchoServer } from "./echo-server.ts";
export * from "./plans.ts";
export {
  type EnvoyOptions,
  type RunningEnvoy,
  startEnvoy,
  type Validation,
  validateInEnvoy,
} from "./process.ts";
export { type StaticBootstrapOptions, staticBootstrap } from "./static-bootstrap.ts";
export {
  anyWorkload,
  issueTestCertificate,
  selfSignedTestCertificate,
  type TestCertificate,
  testRoot,
} from "./test-certificates.ts";
