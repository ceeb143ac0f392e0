// PeerAuthentication → a policy on mutual TLS. In: the object. Out: the modes that it sets; what it leaves open is
// inherited, which stage 4 does.

import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { Labels } from "../../model/labels.ts";
import type { MtlsMode } from "../../model/security.ts";
import type { Reader } from "../kind.ts";
import { at, compact, isSet, type Place, readChoice, readEntries, report, specOf } from "../shared/place.ts";
import { readPolicySelector } from "../shared/policy-target.ts";
import { isPort } from "../shared/port.ts";

/** UNSET means the same as leaving the mode out. */
const modes: Readonly<Record<string, MtlsMode | "unset">> = {
  UNSET: "unset",
  DISABLE: "disable",
  PERMISSIVE: "permissive",
  STRICT: "strict",
};

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const spec = specOf(reader);
  const labels = isSet(at(spec, "selector")) ? readPolicySelector(at(spec, "selector")) : {};
  const selector = Object.keys(labels).length === 0 ? undefined : labels;
  return [
    {
      type: "mtls",
      value: compact({
        name: object.name,
        namespace: object.namespace,
        selector,
        mode: readMode(at(spec, "mtls", "mode")),
        portModes: readPortModes(at(spec, "portLevelMtls"), selector),
        created: object.created,
        origin: reader.origin(),
      }),
    },
  ];
}

function readMode(place: Place): MtlsMode | undefined {
  const mode = readChoice(place, modes);
  return mode === "unset" ? undefined : mode;
}

function readPortModes(
  place: Place,
  selector: Labels | undefined,
): Readonly<Record<number, MtlsMode | undefined>> {
  if (isSet(place) && selector === undefined) {
    const message = "ports can only be told apart for selected workloads, and there is no selector";
    report(place, "conflicting-fields", message, "add spec.selector.matchLabels");
  }
  return Object.fromEntries(
    readEntries(place).flatMap(([key, entry]) => {
      const port = Number(key);
      if (/^\d+$/.test(key) && isPort(port)) return [[port, readMode(at(entry, "mode"))]];
      report(entry, "invalid-port", `"${key}" is not a port between 1 and 65535`);
      return [];
    }),
  );
}
