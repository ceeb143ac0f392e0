// The "who" half of an RBAC policy. In: tests on the source of a request. Out: an Envoy Principal that holds when all of
// them do. Which requests they are about is not known here.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Principal,
  PrincipalSchema,
  SourcedMetadataSchema,
} from "@envoyproxy/protos-ts/envoy/config/rbac/v3/rbac";
import type { StringMatcher } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/string";
import type { SourceAttribute, Test } from "../spec.ts";
import { expandPrincipals, expandTrustDomains } from "../trust-domains.ts";
import {
  anyText,
  cidrRange,
  escapeRegex,
  exactMatcher,
  headerMatcher,
  listHeaderMatcher,
  regexMatcher,
  textMatcher,
} from "./matchers.ts";
import { claimListMatcher, claimMatcher } from "./metadata.ts";

const scheme = "spiffe://";

/** Holds when all the tests do; without tests, always. `trustDomains` are the mesh's own and its aliases. */
export function allSources(
  tests: readonly Test<SourceAttribute>[],
  trustDomains: readonly string[],
): Principal {
  const ids = tests.flatMap((test) => sourceTest(test, trustDomains));
  return and(ids.length === 0 ? [principal({ case: "any", value: true })] : ids);
}

function sourceTest(test: Test<SourceAttribute>, trustDomains: readonly string[]): Principal[] {
  const wanted = alternatives(test.attribute, test.values, trustDomains);
  const refused = alternatives(test.attribute, test.notValues, trustDomains);
  return [...(wanted ? [wanted] : []), ...(refused ? [principal({ case: "notId", value: refused })] : [])];
}

/** Undefined without values. */
function alternatives(
  attribute: SourceAttribute,
  values: readonly string[],
  trustDomains: readonly string[],
): Principal | undefined {
  if (values.length === 0) return undefined;
  switch (attribute.type) {
    case "principal":
      return or(expandPrincipals(values, trustDomains).map((value) => named(principalMatcher(value))));
    case "trust-domain":
      return or(expandTrustDomains(values, trustDomains).map((value) => named(trustDomainMatcher(value))));
    case "service-account":
      return or(values.map((value) => named(serviceAccountMatcher(value))));
    case "namespace":
      return or(values.map((value) => named(namespaceMatcher(value))));
    case "source-ip":
      return or(values.map((value) => principal({ case: "directRemoteIp", value: cidrRange(value) })));
    case "remote-ip":
      return or(values.map((value) => principal({ case: "remoteIp", value: cidrRange(value) })));
    case "request-principal":
      return or(values.map(requestPrincipal));
    case "audience":
      return metadata(
        claimListMatcher(
          ["aud"],
          values.map((value) => textMatcher(value)),
        ),
      );
    case "presenter":
      return metadata(
        claimListMatcher(
          ["azp"],
          values.map((value) => textMatcher(value)),
        ),
      );
    case "claim":
      return metadata(
        claimListMatcher(
          attribute.path,
          values.map((value) => textMatcher(value)),
        ),
      );
    case "header": {
      const matcher = attribute.inline ? listHeaderMatcher : headerMatcher;
      return or(values.map((value) => principal({ case: "header", value: matcher(attribute.name, value) })));
    }
  }
}

/** `<trust domain>/ns/<ns>/sa/<sa>`, with wildcards at either end; the certificate says it with `spiffe://` before. */
function principalMatcher(value: string): StringMatcher {
  if (value === "*") return anyText;
  if (value.startsWith("*")) return regexMatcher(`${scheme}.*${escapeRegex(value.slice(1))}`);
  return textMatcher(scheme + value);
}

function namespaceMatcher(value: string): StringMatcher {
  return regexMatcher(`.*/ns/${value.split("*").map(escapeRegex).join(".*")}/.*`);
}

/** The account and nothing that merely begins with its name. Identities may have further pairs around it. */
function serviceAccountMatcher(value: string): StringMatcher {
  const [namespace = "", name = ""] = value.split("/");
  return regexMatcher(`${scheme}.+/ns/${escapeRegex(namespace)}/(.+/|)sa/${escapeRegex(name)}(/.+)?`);
}

function trustDomainMatcher(value: string): StringMatcher {
  if (value === "*") return anyText;
  if (!value.includes("*")) return textMatcher(`${scheme}${value}/*`);
  return regexMatcher(`${scheme}${value.split("*").map(escapeRegex).join("[^/]*")}/.*`);
}

/** `issuer/subject` of a validated token; issuers may hold slashes. */
function requestPrincipal(value: string): Principal {
  const slash = value.lastIndexOf("/");
  const issuer = slash < 0 ? value : value.slice(0, slash);
  const subject = slash < 0 ? "" : value.slice(slash + 1);
  const [issuerMatcher, subjectMatcher] = requestPrincipalMatchers(value, issuer, subject, slash >= 0);
  return and([metadata(claimMatcher("iss", issuerMatcher)), metadata(claimMatcher("sub", subjectMatcher))]);
}

function requestPrincipalMatchers(
  value: string,
  issuer: string,
  subject: string,
  both: boolean,
): readonly [StringMatcher, StringMatcher] {
  if (value === "*") return [anyText, anyText];
  // A wildcard without a slash may begin in the issuer and end in the subject, or the other way round.
  if (!both && value.startsWith("*")) return [anyText, textMatcher(value)];
  if (!both && value.endsWith("*")) return [textMatcher(value), anyText];
  // Only the outer end of the pair is a wildcard.
  if (value.startsWith("*")) return [textMatcher(issuer), exactMatcher(subject)];
  if (value.endsWith("*")) return [exactMatcher(issuer), textMatcher(subject)];
  return [exactMatcher(issuer), exactMatcher(subject)];
}

function named(principalName: StringMatcher): Principal {
  return principal({ case: "authenticated", value: { principalName } });
}

function metadata(metadataMatcher: ReturnType<typeof claimMatcher>): Principal {
  return principal({ case: "sourcedMetadata", value: create(SourcedMetadataSchema, { metadataMatcher }) });
}

function and(ids: Principal[]): Principal {
  return principal({ case: "andIds", value: { ids } });
}

function or(ids: Principal[]): Principal {
  return principal({ case: "orIds", value: { ids } });
}

function principal(
  identifier: NonNullable<MessageInitShape<typeof PrincipalSchema>["identifier"]>,
): Principal {
  return create(PrincipalSchema, { identifier });
}
