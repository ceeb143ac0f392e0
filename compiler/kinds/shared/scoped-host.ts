// Hosts with a namespace in front: `namespace/host`, as gateways and sidecar scopes write them.

import { isDnsLabel } from "../../model/names.ts";
import { checkHost } from "./host.ts";
import { type Place, readText, report } from "./place.ts";

export interface ScopedHost {
  /** `*` (any), `~` (none), a name, or `.`, which is replaced by the object's own unless the rules keep it. */
  readonly namespace: string;
  /** Lower case. */
  readonly host: string;
}

export interface ScopedHostRules {
  /** What a host without namespace means; undefined: the namespace must be written. */
  readonly defaultNamespace?: string;
  readonly allowNone: boolean;
  readonly allowAddress: boolean;
  /** What `.` means depends on who reads the object. */
  readonly keepOwn?: boolean;
}

export function readScopedHost(place: Place, rules: ScopedHostRules): ScopedHost | undefined {
  const text = readText(place);
  if (text === undefined) {
    report(place, "invalid-host", "a host must not be empty");
    return undefined;
  }
  const slash = text.indexOf("/");
  if (slash === -1 && rules.defaultNamespace === undefined) {
    const help = `"./${text}" means the namespace of the object, "*/${text}" any`;
    report(place, "invalid-host", `"${text}" has no namespace: write namespace/host`, help);
    return undefined;
  }
  const written = slash === -1 ? (rules.defaultNamespace ?? "") : text.slice(0, slash);
  const host = text.slice(slash + 1).toLowerCase();
  checkNamespace(place, written, rules);
  checkName(place, host, rules);
  const replaced = written === "." && rules.keepOwn !== true;
  return { namespace: replaced ? place.reader.object.namespace : written, host };
}

function checkNamespace(place: Place, namespace: string, rules: ScopedHostRules): void {
  if (namespace === "*" || namespace === "." || (namespace === "~" && rules.allowNone)) return;
  if (!isDnsLabel(namespace)) report(place, "invalid-host", `"${namespace}" is not a namespace, ".", or "*"`);
}

function checkName(place: Place, host: string, rules: ScopedHostRules): void {
  if (host === "*") return;
  if (!checkHost(place, host, { wildcard: true, address: rules.allowAddress })) return;
  if (!/[.:]/.test(host)) {
    report(place, "invalid-host", `"${host}" is a short name: write the fully qualified one`);
  } else if (host.startsWith("*") && !host.startsWith("*.")) {
    report(place, "invalid-host", `"${host}": a wildcard must be a whole label here ("*.example.com")`);
  }
}
