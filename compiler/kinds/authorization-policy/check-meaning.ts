// What a well-formed authorization policy cannot mean, or means without saying so. In: the decoded policy. Out: reports.

import type { Path } from "../../1-parse/index.ts";
import type { Reader } from "../kind.ts";
import {
  at,
  isSet,
  type Place,
  readItems,
  readText,
  report,
  reportMissing,
  setFields,
} from "../shared/place.ts";
import { negationOf } from "./rule-fields.ts";
import { type AccessRule, type AuthorizationSpec, needsHttp, type Test } from "./spec.ts";

/** What the action asks of the rest: rules for those that deny, a provider for CUSTOM and for no other. */
export function checkAction(place: Place, spec: AuthorizationSpec): void {
  const action = spec.action.toUpperCase();
  if ((spec.action === "deny" || spec.action === "custom") && spec.rules.length === 0) {
    const message = `${action} without rules takes no request and has no effect`;
    report(at(place, "rules"), "missing-field", message, "add the rule {} to take every request");
  }
  if (spec.action !== "custom") {
    if (isSet(at(place, "provider"))) {
      const message = `${action} has no provider; only CUSTOM has one`;
      report(at(place, "provider"), "conflicting-fields", message);
    }
    return;
  }
  if (spec.provider === undefined) reportMissing(at(place, "provider"), "name");
  for (const rule of readItems(at(place, "rules"))) checkCustomRule(rule);
  const message = "custom authorizers are not asked yet: requests that the rules match are denied";
  report(at(place, "action"), "unsupported-field", message);
}

const identityFields = ["namespaces", "serviceAccounts", "principals", "requestPrincipals"].flatMap(
  (field) => [field, negationOf(field)],
);
const identityKeys = /^(source\.(namespace|serviceAccount|principal)$|request\.auth\.)/;

/** What Istio does not let a CUSTOM policy ask. */
function checkCustomRule(rule: Place): void {
  const refuse = (place: Place, name: string) =>
    report(place, "conflicting-fields", `a CUSTOM policy cannot ask about "${name}"`);
  for (const entry of readItems(at(rule, "from"))) {
    const source = at(entry, "source");
    for (const field of setFields(source, identityFields)) refuse(at(source, field), field);
  }
  for (const condition of readItems(at(rule, "when"))) {
    const key = readText(at(condition, "key")) ?? "";
    if (identityKeys.test(key)) refuse(at(condition, "key"), key);
  }
}

/** Warnings about rules that are accepted and surprise. */
export function checkMeaning(spec: AuthorizationSpec, reader: Reader): void {
  spec.rules.forEach((rule, index) => {
    const path = ["spec", "rules", index];
    checkTokens(rule, spec, path, reader);
    checkPrincipals(rule, path, reader);
    checkPlainTcp(rule, spec, path, reader);
  });
}

const tokenAttributes: ReadonlySet<string> = new Set(["request-principal", "audience", "presenter", "claim"]);

function checkTokens(rule: AccessRule, spec: AuthorizationSpec, path: Path, reader: Reader): void {
  const asking = testsOf(rule).filter(({ attribute }) => tokenAttributes.has(attribute.type));
  if (asking.length === 0) return;
  const absent = "no request has a validated token, because RequestAuthentication is not supported yet";
  const consequence = asking.some(({ values }) => values.length > 0)
    ? `this rule takes none and does not ${spec.action}`
    : `this rule takes requests with a token as well`;
  reader.report("unsupported-field", path, `${absent}: ${consequence}`);
}

function checkPrincipals(rule: AccessRule, path: Path, reader: Reader): void {
  const values = testsOf(rule)
    .filter(({ attribute }) => attribute.type === "principal")
    .flatMap((test) => [...test.values, ...test.notValues]);
  const prefixed = values.find((value) => value.startsWith("spiffe://"));
  if (prefixed === undefined) return;
  const message = `no workload is \`${prefixed}\`, because principals are written without \`spiffe://\``;
  const help = `write ${prefixed.slice("spiffe://".length)}`;
  reader.report("ineffective-field", path, message, help);
}

/** On a port whose traffic is not HTTP, a denial drops its HTTP conditions; with none left it takes every connection. */
function checkPlainTcp(rule: AccessRule, spec: AuthorizationSpec, path: Path, reader: Reader): void {
  if (spec.action !== "deny" && spec.action !== "custom") return;
  const anyLeft = (tests: readonly Test[]) => tests.some(({ attribute }) => !needsHttp(attribute));
  if (!testsOf(rule).some(({ attribute }) => needsHttp(attribute))) return;
  if (rule.sources.every(anyLeft) || rule.operations.every(anyLeft)) return;
  const message = "on TCP ports this rule denies every connection, because only HTTP has what it asks about";
  reader.report("broad-match", path, message, 'name the HTTP ports in "ports"');
}

function testsOf(rule: AccessRule): readonly Test[] {
  return [...rule.sources, ...rule.operations].flat();
}
