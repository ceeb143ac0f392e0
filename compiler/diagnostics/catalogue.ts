// Every kind of thing that can be wrong with what a user wrote: one row per code. A code that is not here does not
// type-check, so that documentation, JSON output and suppression lists can trust the list.

/** `error`: the object (or the part named) is not used. `warning`: it is used. `info`: nothing to do. */
export type Severity = "error" | "warning" | "info";

export interface CatalogueEntry {
  readonly severity: Severity;
  /** What the caret is under when the code is reported at a path: the field's name or its value. */
  readonly points: "key" | "value";
  /** One sentence: what the code says is the case. */
  readonly meaning: string;
  /** What to do about it: the default help of the diagnostic. Empty: the message says enough. */
  readonly remedy: string;
}

function entry(
  severity: Severity,
  points: CatalogueEntry["points"],
  meaning: string,
  remedy = "",
): CatalogueEntry {
  return { severity, points, meaning, remedy };
}

/** Sorted by what they are about: text, shape, field values, references between objects. Codes are never renamed. */
export const catalogue = {
  // Text.
  "yaml-syntax": entry(
    "error",
    "value",
    "The document is not well-formed YAML or JSON; its objects are skipped.",
  ),
  "yaml-ambiguous": entry(
    "warning",
    "value",
    "An unquoted word that Kubernetes reads as a boolean and YAML 1.2 as a string.",
    "put it in quotes if a string is meant, or write true or false",
  ),
  "yaml-too-large": entry("error", "value", "Aliases make the document far larger than its text."),
  "unrendered-template": entry(
    "warning",
    "value",
    "The file is a template, not YAML; nothing in it is used.",
    "render it first (`helm template`, `kustomize build`, ...) and give the result",
  ),

  // Shape.
  "not-an-object": entry(
    "warning",
    "value",
    "The document is not a Kubernetes object (no apiVersion and kind); it is skipped.",
    "remove the file from the folder if it is not meant for the mesh",
  ),
  "missing-kind": entry("error", "value", "The object has only one of `apiVersion` and `kind`."),
  "unknown-kind": entry("error", "value", "No such kind exists in this API group."),
  "unsupported-kind": entry(
    "warning",
    "value",
    "The kind exists upstream, but Fairlead does not act on it yet.",
    "docs/support.md lists what is supported",
  ),
  "unknown-api-version": entry("error", "value", "The API group has no such version of this kind."),
  "unknown-field": entry("error", "key", "No such field exists in the upstream schema."),
  "missing-field": entry("error", "key", "A field that the object needs is absent."),
  "unsupported-field": entry(
    "warning",
    "key",
    "The field exists upstream, but Fairlead does not act on it yet.",
    "docs/support.md lists what is supported",
  ),
  "deprecated-field": entry("warning", "key", "The field works, but another one replaced it."),
  "ineffective-field": entry("warning", "key", "The field is accepted but has no effect where it stands."),
  "duplicate-object": entry(
    "error",
    "value",
    "Two objects have the same group, kind, namespace and name; the first one counts.",
    "remove or rename one of them",
  ),

  // Values.
  "invalid-value": entry("error", "value", "The value is not one that the field can have."),
  "invalid-name": entry("error", "value", "The name is not a valid Kubernetes or DNS name."),
  "invalid-key": entry("error", "key", "The key of a mapping is not one that it can have."),
  "invalid-host": entry("error", "value", "The text is not a host name that this field can have."),
  "invalid-duration": entry(
    "error",
    "value",
    "The text is not a duration, or not one in the range of the field.",
    "write a number and a unit, such as 500ms, 5s, 1m30s or 2h",
  ),
  "invalid-port": entry("error", "value", "The number is not a port between 1 and 65535."),
  "invalid-address": entry("error", "value", "The text is not an IP address, CIDR block or socket path."),
  "invalid-regex": entry(
    "error",
    "value",
    "Envoy's regular expression engine (RE2) refuses the expression.",
    "RE2 has no look-around and no backreferences: https://github.com/google/re2/wiki/Syntax",
  ),
  "invalid-path-template": entry(
    "error",
    "value",
    "The path template is not one that Envoy accepts.",
    "use {*} for one segment and at most one {**}, as the last operator",
  ),
  "invalid-protocol": entry("error", "value", "The text names no protocol."),
  "invalid-credential": entry("error", "value", "The certificate or key material cannot be read."),
  "conflicting-fields": entry("error", "key", "Fields that exclude each other are set together."),
  "duplicate-value": entry("error", "value", "A value that must be unique in its list occurs twice."),
  "zero-weights": entry(
    "error",
    "value",
    "All weights of a route are zero, so that no destination can be chosen.",
    "give at least one destination a weight above 0",
  ),
  "broad-match": entry("warning", "value", "The value matches more than it seems to."),
  "costly-setting": entry("warning", "value", "The setting works, at a price that may surprise."),
  "insecure-setting": entry("warning", "value", "The setting gives up a protection."),

  // References between objects.
  "host-not-found": entry("warning", "value", "No service has this host name."),
  "subset-not-found": entry("error", "value", "No destination policy defines this subset of the host."),
  "port-not-found": entry("error", "value", "The service has no such port."),
  "gateway-not-found": entry("warning", "value", "No gateway has this name."),
  "credential-not-found": entry("warning", "value", "No credential has this name."),
  "credential-expired": entry(
    "warning",
    "value",
    "The certificate's time is over or has not begun; it is served as it is.",
    "renew it: whoever verifies it refuses the connection",
  ),
  "credential-expires-soon": entry(
    "warning",
    "value",
    "The certificate ends within two weeks, and in the last third of its time.",
    "renew it: connections are refused from then on",
  ),
  "delegate-not-found": entry("error", "value", "No route set has this name, or it cannot be delegated to."),
  "selector-selects-nothing": entry("warning", "value", "No workload has the labels of the selector."),
  "conflicting-routes": entry(
    "warning",
    "value",
    "Two objects claim the same host on the same gateway; the older one counts.",
    "merge them into one object, or give them different hosts or gateways",
  ),
  "conflicting-destination-policies": entry(
    "warning",
    "value",
    "Two objects set the policy of the same host.",
    "merge them into one object",
  ),
  "conflicting-services": entry("warning", "value", "Two objects define the same host name."),
  "conflicting-listener-port": entry(
    "error",
    "value",
    "Two listeners need the same port in ways that cannot be combined.",
  ),
  "conflicting-gateway-hosts": entry(
    "warning",
    "value",
    "Two gateway servers open TLS for the same host on the same port.",
  ),
  "conflicting-scopes": entry(
    "warning",
    "value",
    "Two scopes apply to the same workload; the older one counts.",
  ),
  "conflicting-policies": entry(
    "warning",
    "value",
    "Two policies of the same reach disagree; the older one counts.",
  ),
  "unreachable-route": entry(
    "warning",
    "value",
    "An earlier rule takes every request that this one could match.",
    "move the more specific rule up, or remove this one",
  ),
} as const satisfies Record<string, CatalogueEntry>;

/** A stable name for one kind of problem, e.g. `unknown-field`. */
export type Code = keyof typeof catalogue;
