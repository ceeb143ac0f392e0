// Patterns that Envoy would not compile: regular expressions, URI templates, address ranges.

import { CidrRangeSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/address";
import { UriTemplateMatchConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/path/match/uri_template/v3/uri_template_match";
import { RegexMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/regex";
import { RegexMatcherSchema as XdsRegexMatcherSchema } from "@envoyproxy/protos-ts/xds/type/matcher/v3/regex";
import { RE2JS } from "re2js";
import { isIP } from "../../../model/address.ts";
import { findTemplateFlaw } from "../../uri-template.ts";
import type { Walk } from "../violation.ts";
import { refusal } from "./refusal.ts";

const verdicts = new Map<string, string | undefined>();
const maxVerdicts = 10_000;

/** Why RE2 refuses the expression. Verdicts are remembered, for compiling takes longer than everything else here. */
function regexFault(expression: string): string | undefined {
  if (verdicts.has(expression)) return verdicts.get(expression);
  let fault: string | undefined;
  try {
    RE2JS.compile(expression);
  } catch (error) {
    fault = error instanceof Error ? error.message : String(error);
  }
  if (verdicts.size >= maxVerdicts) verdicts.clear();
  verdicts.set(expression, fault);
  return fault;
}

function checkRegex({ regex }: { readonly regex: string }, walk: Walk): void {
  const fault = regexFault(regex);
  if (fault !== undefined) walk.report(`is not a regular expression of RE2: ${fault}`, "regex");
}

/** In an RBAC filter a bad template ends the Envoy process instead of being refused. */
const uriTemplate = refusal(UriTemplateMatchConfigSchema, ({ pathTemplate }, walk) => {
  const flaw = findTemplateFlaw(pathTemplate);
  if (flaw !== undefined) walk.report(`is not a path template: ${flaw}`, "path_template");
});

const cidr = refusal(CidrRangeSchema, ({ addressPrefix }, walk) => {
  if (!isIP(addressPrefix)) walk.report("must be an IP address", "address_prefix");
});

export const patternRefusals = [
  refusal(RegexMatcherSchema, checkRegex),
  refusal(XdsRegexMatcherSchema, checkRegex),
  uriTemplate,
  cidr,
];
