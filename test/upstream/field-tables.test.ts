// The field tables of the kinds against the upstream schemas, field by field: nothing is missing and nothing invented.

import { readFileSync } from "node:fs";
import test from "ava";
import { kinds } from "../../compiler/kinds/registry.ts";
import { schemaPaths } from "./schema-paths.ts";

/** Fields that upstream has and the published schemas (Istio 1.29) do not have yet. */
const newer: Readonly<Record<string, readonly RegExp[]>> = {
  VirtualService: [/\.redirect\.prefixRewrite$/],
  DestinationRule: [
    /\.connectionPool\.http\.http2KeepAlive\.(interval|timeout)$/,
    /\.outlierDetection\.outlierDetectionHttpErrorCodes\[\]$/,
    /\.loadBalancer\.zoneAwareLbSetting\./,
    /\.retryBudget\.budgetInterval$/,
  ],
  Gateway: [/\.tls\.insecureSkipVerify$/],
  Sidecar: [/\.http2KeepAlive\.(interval|timeout)$/, /\.tls\.insecureSkipVerify$/],
};

/** Fields that upstream had once; files that still set them are not refused. */
const removed: Readonly<Record<string, readonly RegExp[]>> = {
  VirtualService: [/\.websocketUpgrade$/],
};

for (const name of ["VirtualService", "DestinationRule", "Gateway", "Sidecar"]) {
  test(`the field table of ${name} is the upstream schema`, (t) => {
    const kind = kinds.find((one) => one.kind === name && one.group === "networking.istio.io");
    if (kind === undefined) throw new Error(`no kind ${name}`);
    const file = `../../node_modules/@kubernetes-models/istio/${kind.group}/v1/${name}.d.ts`;
    const declared = schemaPaths(readFileSync(new URL(file, import.meta.url), "utf8"), `I${name}`);
    const upstream = [...declared].filter((path) => path.startsWith("spec."));
    const extra = [...(newer[name] ?? []), ...(removed[name] ?? [])];
    const ours = Object.keys(kind.fields).filter((path) => !extra.some((pattern) => pattern.test(path)));
    t.deepEqual(ours.sort(), upstream.sort());
    t.true(upstream.length > 20);
  });
}
