// Every field of the upstream DestinationRule and how far it is supported.

import { connectionPoolFields } from "../shared/connection-pool.ts";
import { type FieldTable, flattenFields } from "../shared/field-table.ts";
import { localityLbFields } from "../shared/locality-lb.ts";
import { outlierDetectionFields } from "../shared/outlier-detection.ts";

const loadBalancerFields: FieldTable = {
  simple: "yes",
  consistentHash: {
    httpHeaderName: "yes",
    httpCookie: { name: "yes", path: "yes", ttl: "yes", "attributes[]": { name: "yes", value: "yes" } },
    useSourceIp: "yes",
    httpQueryParameterName: "yes",
    ringHash: { minimumRingSize: "yes" },
    maglev: { tableSize: "yes" },
    minimumRingSize: "yes",
  },
  localityLbSetting: localityLbFields,
  zoneAwareLbSetting: {
    enabled: "no",
    "failover[]": { from: "no", to: "no" },
    "failoverPriority[]": "no",
    minClusterSize: "no",
  },
  warmupDurationSecs: "yes",
  warmup: { duration: "yes", minimumPercent: "yes", aggression: "yes" },
};

const sectionFields: FieldTable = {
  loadBalancer: loadBalancerFields,
  connectionPool: connectionPoolFields,
  outlierDetection: outlierDetectionFields,
  tls: {
    mode: "yes",
    clientCertificate: "yes",
    privateKey: "yes",
    caCertificates: "yes",
    credentialName: "yes",
    "subjectAltNames[]": "yes",
    sni: "yes",
    insecureSkipVerify: "yes",
    caCrl: "no",
  },
};

const trafficPolicyFields: FieldTable = {
  ...sectionFields,
  "portLevelSettings[]": { port: { number: "yes" }, ...sectionFields },
  tunnel: { protocol: "no", targetHost: "no", targetPort: "no" },
  proxyProtocol: { version: "yes" },
  retryBudget: { percent: "yes", minRetryConcurrency: "yes", budgetInterval: "no" },
};

export const fields = flattenFields({
  host: "yes",
  trafficPolicy: trafficPolicyFields,
  "subsets[]": { name: "yes", "labels{}": "yes", trafficPolicy: trafficPolicyFields },
  "exportTo[]": "yes",
  workloadSelector: { "matchLabels{}": "yes" },
});
