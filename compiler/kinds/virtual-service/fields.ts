// Every field of the upstream VirtualService and how far it is supported.

import { type FieldTable, flattenFields, ignored } from "../shared/field-table.ts";
import { retryFields } from "../shared/retries.ts";
import { stringMatchFields } from "../shared/string-match.ts";

const destinationFields: FieldTable = { host: "yes", subset: "yes", port: { number: "yes" } };

const headerChangeFields: FieldTable = { "set{}": "yes", "add{}": "yes", "remove[]": "yes" };

const headersFields: FieldTable = { request: headerChangeFields, response: headerChangeFields };

const l4RouteFields: FieldTable = { destination: destinationFields, weight: "yes" };

const l4MatchFields: FieldTable = {
  "destinationSubnets[]": "yes",
  port: "yes",
  "sourceLabels{}": "yes",
  "gateways[]": "yes",
  sourceNamespace: "yes",
};

const httpMatchFields: FieldTable = {
  name: "yes",
  uri: stringMatchFields,
  scheme: stringMatchFields,
  method: stringMatchFields,
  authority: stringMatchFields,
  "headers{}": stringMatchFields,
  "withoutHeaders{}": stringMatchFields,
  "queryParams{}": stringMatchFields,
  ignoreUriCase: "yes",
  port: "yes",
  "sourceLabels{}": "yes",
  "gateways[]": "yes",
  sourceNamespace: "yes",
  statPrefix: "yes",
};

const httpFields: FieldTable = {
  name: "yes",
  "match[]": httpMatchFields,
  "route[]": { destination: destinationFields, weight: "yes", headers: headersFields },
  redirect: {
    uri: "yes",
    prefixRewrite: "yes",
    authority: "yes",
    port: "yes",
    derivePort: "yes",
    scheme: "yes",
    redirectCode: "yes",
  },
  directResponse: { status: "yes", body: { string: "yes", bytes: "yes" } },
  delegate: { name: "yes", namespace: "yes" },
  rewrite: { uri: "yes", authority: "yes", uriRegexRewrite: { match: "yes", rewrite: "yes" } },
  timeout: "yes",
  retries: retryFields,
  fault: {
    delay: { percent: "yes", fixedDelay: "yes", exponentialDelay: "no", percentage: { value: "yes" } },
    abort: { httpStatus: "yes", grpcStatus: "yes", http2Error: "no", percentage: { value: "yes" } },
  },
  mirror: destinationFields,
  "mirrors[]": { destination: destinationFields, percentage: { value: "yes" } },
  mirrorPercent: "yes",
  mirror_percent: "yes",
  mirrorPercentage: { value: "yes" },
  corsPolicy: {
    "allowOrigin[]": "yes",
    "allowOrigins[]": stringMatchFields,
    "allowMethods[]": "yes",
    "allowHeaders[]": "yes",
    "exposeHeaders[]": "yes",
    maxAge: "yes",
    allowCredentials: "yes",
    unmatchedPreflights: "yes",
  },
  headers: headersFields,
  websocketUpgrade: ignored("upstream removed it: WebSocket upgrades always work"),
};

export const fields = flattenFields({
  "hosts[]": "yes",
  "gateways[]": "yes",
  "http[]": httpFields,
  "tls[]": { "match[]": { "sniHosts[]": "yes", ...l4MatchFields }, "route[]": l4RouteFields },
  "tcp[]": { "match[]": { ...l4MatchFields, sourceSubnet: "yes" }, "route[]": l4RouteFields },
  "exportTo[]": "yes",
});
