// The `when` of a rule. In: key and values. Out: a test on the source or on the operation, or a report that there is no
// such attribute.

import { valueAt } from "../../model/labels.ts";
import { at, type Place, readItems, readText, report, reportMissing } from "../shared/place.ts";
import { readValues } from "./decode-values.ts";
import type { Attribute, OperationAttribute, SourceAttribute, Test } from "./spec.ts";

/** The conditions of a rule by what they are about. */
export interface Conditions {
  readonly sources: readonly Test<SourceAttribute>[];
  readonly operations: readonly Test<OperationAttribute>[];
}

type Side =
  | { readonly side: "source"; readonly attribute: SourceAttribute }
  | { readonly side: "operation"; readonly attribute: OperationAttribute };

const plainKeys: Readonly<Record<string, Side>> = {
  "source.ip": { side: "source", attribute: { type: "source-ip" } },
  "remote.ip": { side: "source", attribute: { type: "remote-ip" } },
  "source.namespace": { side: "source", attribute: { type: "namespace" } },
  "source.principal": { side: "source", attribute: { type: "principal" } },
  "source.serviceAccount": { side: "source", attribute: { type: "service-account" } },
  "source.trustDomain": { side: "source", attribute: { type: "trust-domain" } },
  "request.auth.principal": { side: "source", attribute: { type: "request-principal" } },
  "request.auth.audiences": { side: "source", attribute: { type: "audience" } },
  "request.auth.presenter": { side: "source", attribute: { type: "presenter" } },
  "destination.ip": { side: "operation", attribute: { type: "destination-ip" } },
  "destination.port": { side: "operation", attribute: { type: "destination-port" } },
  "connection.sni": { side: "operation", attribute: { type: "sni" } },
};

const bracketKeys = [
  "request.headers[]",
  "request.auth.claims[]",
  "request.experimental.inline.headers[]",
  "experimental.envoy.filters.<filter>[]",
];

/** Attributes of Istio's first authorization API, and what became of them. */
const formerKeys: Readonly<Record<string, string>> = {
  "destination.namespace": "the policy's own namespace says this",
  "destination.name": "the selector says this",
  "destination.user": "the selector says this",
  "destination.labels": "the selector says this",
};

export function readConditions(place: Place): Conditions {
  const sources: Test<SourceAttribute>[] = [];
  const operations: Test<OperationAttribute>[] = [];
  for (const item of readItems(place)) {
    const found = findAttribute(item);
    if (readItems(at(item, "values")).length + readItems(at(item, "notValues")).length === 0) {
      report(item, "missing-field", 'a condition needs "values" or "notValues"');
    }
    if (found === undefined) continue;
    const test = <A extends Attribute>(attribute: A): Test<A> => ({
      attribute,
      values: readValues(at(item, "values"), attribute),
      notValues: readValues(at(item, "notValues"), attribute),
    });
    if (found.side === "source") sources.push(test(found.attribute));
    else operations.push(test(found.attribute));
  }
  return { sources, operations };
}

function findAttribute(condition: Place): Side | undefined {
  const key = readText(at(condition, "key"));
  if (key === undefined) {
    reportMissing(condition, "key");
    return undefined;
  }
  const plain = valueAt(plainKeys, key);
  if (plain !== undefined) return plain;
  const bracketed = /^([^[]+)\[(.+)\]$/s.exec(key);
  const found = bracketed === null ? undefined : bracketAttribute(bracketed[1] ?? "", bracketed[2] ?? "");
  if (found === undefined) {
    report(at(condition, "key"), "invalid-value", `there is no attribute "${key}"`, keyHelp(key));
  }
  return found;
}

function bracketAttribute(name: string, inner: string): Side | undefined {
  const header = /^:?[A-Za-z0-9!#$%&'*+.^_|~-]+$/.test(inner);
  if (name === "request.headers" && header) {
    return { side: "source", attribute: { type: "header", name: inner, inline: false } };
  }
  if (name === "request.experimental.inline.headers" && header) {
    return { side: "source", attribute: { type: "header", name: inner, inline: true } };
  }
  if (name === "request.auth.claims") {
    const path = inner.split("][");
    return path.includes("") ? undefined : { side: "source", attribute: { type: "claim", path } };
  }
  if (name.startsWith("experimental.envoy.filters.")) {
    const filter = name.slice("experimental.".length);
    return { side: "operation", attribute: { type: "metadata", filter, key: inner } };
  }
  return undefined;
}

function keyHelp(key: string): string {
  const former = valueAt(formerKeys, key.split("[")[0] ?? "");
  return former ?? `attributes: ${[...Object.keys(plainKeys), ...bracketKeys].sort().join(", ")}`;
}
