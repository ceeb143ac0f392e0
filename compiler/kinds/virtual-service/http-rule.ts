// One entry of `http`: what it matches, what it does with it, and what it changes on the way.

import { isDnsLabel } from "../../model/names.ts";
import type { HttpAction, HttpRule } from "../../model/routes.ts";
import { readDuration } from "../shared/duration.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readItems,
  readText,
  report,
  reportMissing,
  setFields,
} from "../shared/place.ts";
import { readRetries } from "../shared/retries.ts";
import { readCors } from "./cors.ts";
import { readDestinations } from "./destination.ts";
import { readFault } from "./fault.ts";
import { isAuthority, readHeaderOperations } from "./headers.ts";
import { readHttpMatches } from "./http-match.ts";
import { readMirror, readMirrorPercentage, readMirrors } from "./mirrors.ts";
import { readDirectResponse, readRedirect } from "./redirect.ts";
import { readRewrite } from "./rewrite.ts";

export interface HttpRuleContext {
  /** The rules belong to no host of their own: others delegate to them. */
  readonly delegated: boolean;
  /** Sidecars serve them, not gateways alone. */
  readonly meshBound: boolean;
}

export function readHttpRules(place: Place, context: HttpRuleContext): readonly HttpRule[] {
  return readItems(place).flatMap((item) => readHttpRule(item, context) ?? []);
}

/** Undefined when the rule says nothing to do; that was reported. */
function readHttpRule(place: Place, context: HttpRuleContext): HttpRule | undefined {
  const action = readAction(place, context);
  const timeout = at(place, "timeout");
  const rule = compact<Omit<HttpRule, "action">>({
    name: readText(at(place, "name")),
    matches: readHttpMatches(at(place, "match"), context.meshBound),
    rewrite: readRewrite(at(place, "rewrite")),
    timeoutMs: readDuration(timeout),
    retries: readRetries(at(place, "retries")),
    fault: readFault(at(place, "fault")),
    mirrors: readMirrors(place),
    mirror: readMirror(place),
    mirrorPercentage: readMirrorPercentage(place),
    cors: readCors(at(place, "corsPolicy")),
    headers: readHeaderOperations(at(place, "headers")),
    origin: originAt(place),
  });
  checkAuthority(place);
  return action === undefined ? undefined : { ...rule, action };
}

function readAction(place: Place, context: HttpRuleContext): HttpAction | undefined {
  const delegate = at(place, "delegate");
  const redirect = at(place, "redirect");
  const direct = at(place, "directResponse");
  const route = at(place, "route");
  if (isSet(delegate)) {
    if (context.delegated) {
      report(delegate, "conflicting-fields", "routes that are delegated to cannot delegate any further");
    } else {
      exclude(place, "delegate", ["redirect", "route"]);
      return readDelegate(delegate);
    }
  }
  if (isSet(redirect)) {
    exclude(place, "redirect", ["route", "fault", "rewrite", "directResponse"]);
    return readRedirect(redirect);
  }
  if (isSet(direct)) {
    exclude(place, "directResponse", ["route", "fault", "rewrite"]);
    return readDirectResponse(direct);
  }
  if (readItems(route).length > 0) return { type: "forward", destinations: readDestinations(route, true) };
  if (!isSet(delegate)) {
    const why = "a rule needs route, redirect, directResponse or delegate";
    reportMissing(place, "route", why);
  }
  return undefined;
}

function exclude(place: Place, field: string, others: readonly string[]): void {
  for (const other of setFields(place, others)) {
    report(at(place, other), "conflicting-fields", `"${other}" cannot stand beside "${field}"`);
  }
}

function readDelegate(place: Place): HttpAction {
  const name = readText(at(place, "name"));
  const namespace = readText(at(place, "namespace"));
  if (name === undefined) reportMissing(place, "name");
  if (namespace !== undefined && !isDnsLabel(namespace)) {
    report(at(place, "namespace"), "invalid-name", `"${namespace}" is not a namespace`);
  }
  return { type: "delegate", namespace: namespace ?? place.reader.object.namespace, name: name ?? "" };
}

/** The authority can be changed in one place only, or nobody knows which one counts. */
function checkAuthority(place: Place): void {
  let seen = isSet(at(place, "rewrite", "authority"));
  const request = at(place, "headers", "request");
  for (const change of ["set", "add"]) {
    const headers = at(request, change);
    const { value } = headers;
    for (const name of typeof value === "object" && value !== null ? Object.keys(value) : []) {
      if (!isAuthority(name)) continue;
      if (seen)
        report(at(headers, name), "conflicting-fields", "the authority is changed in another place already");
      seen = true;
    }
  }
}
