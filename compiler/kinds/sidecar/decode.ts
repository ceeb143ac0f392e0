// A Sidecar as the scope of the proxies it selects.

import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { Labels } from "../../model/labels.ts";
import type { OutboundPolicy, ProxyScope } from "../../model/scope.ts";
import type { Reader } from "../kind.ts";
import { readConnectionPool } from "../shared/connection-pool.ts";
import { readSelectorLabels } from "../shared/labels.ts";
import { at, compact, isSet, type Place, readChoice, report, setFields, specOf } from "../shared/place.ts";
import { readEgress } from "./egress.ts";
import { readIngress } from "./ingress.ts";

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const spec = specOf(reader);
  if (setFields(spec, ["ingress", "egress", "outboundTrafficPolicy", "inboundConnectionPool"]).length === 0) {
    const help = "set at least one of egress, ingress, outboundTrafficPolicy and inboundConnectionPool";
    report(spec, "invalid-value", "the scope says nothing", help);
  }
  const value = compact<ProxyScope>({
    name: object.name,
    namespace: object.namespace,
    selector: readSelector(at(spec, "workloadSelector")),
    ingress: readIngress(at(spec, "ingress")),
    egress: readEgress(at(spec, "egress")),
    outboundPolicy: readOutboundPolicy(at(spec, "outboundTrafficPolicy")),
    inboundConnectionPool: readConnectionPool(at(spec, "inboundConnectionPool")),
    created: object.created,
    origin: reader.origin(),
  });
  return [{ type: "scope", value }];
}

function readSelector(place: Place): Labels | undefined {
  if (!isSet(place)) return undefined;
  const labels = readSelectorLabels(at(place, "labels"));
  if (Object.keys(labels).length > 0) return labels;
  report(
    place,
    "broad-match",
    "the selector has no labels, so that it selects every workload of the namespace",
  );
  return labels;
}

/** Newer than the published schemas, which would refuse it. */
export const dynamicDns = "ALLOW_ANY_DYNAMIC_DNS";

const modes: Readonly<Record<string, OutboundPolicy["mode"]>> = {
  ALLOW_ANY: "allow-any",
  REGISTRY_ONLY: "registry-only",
};

/** A block without mode is REGISTRY_ONLY, the first value of the upstream enumeration. */
function readOutboundPolicy(place: Place): OutboundPolicy | undefined {
  if (!isSet(place)) return undefined;
  const mode = at(place, "mode");
  if (mode.value === dynamicDns) {
    report(mode, "unsupported-field", `${dynamicDns} is not supported yet; ALLOW_ANY is used`);
    return { mode: "allow-any" };
  }
  return { mode: readChoice(mode, modes) ?? "registry-only" };
}
